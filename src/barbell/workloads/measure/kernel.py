"""What is run: matrix products, a copy, attention as in prefill and in decode, an all-reduce; each with the work that it does.

Work is counted as the closed forms of this room count it, so that a measured rate and a data sheet's peak compare: a product of two
n x n matrices takes 2 n^3 operations; causal attention over s tokens half of 4 s^2 x heads x width; a copy reads and writes; decode
reads every key and value of the cache once; an all-reduce over n chips moves 2 (n - 1) / n of its bytes over each link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from barbell.workloads.measure.device import Device

Unit = Literal["FLOP/s", "byte/s"]

SIZES = {"cuda": (4096, 8192, 16384), "cpu": (512, 1024)}
"""Widths of the square matrices."""
COPIED = {"cuda": 2.0**32, "cpu": 2.0**27}
"""Bytes copied at once: far more than any cache holds."""
REDUCED = 2.0**28
"""Bytes that each chip brings to an all-reduce."""
HEADS, WIDTH = 32, 128
KV_HEADS = 8
"""Query heads, their width, and heads of the cache: those of an 8 B model of the Llama 3 family."""
PREFILL = {"cuda": 8192, "cpu": 512}
"""Tokens of the prompt."""
DECODE = {"cuda": (64, 8192), "cpu": (4, 1024)}
"""Sequences, and tokens that each has in its cache."""
_WIDEST = 0.25
"""Share of the memory that the operands of one kernel may take."""


@dataclass(frozen=True)
class Task:
    """What one call of a kernel does: `work` operations or bytes, on `chips` chips together."""

    name: str
    precision: str
    work: float
    unit: Unit
    chips: int = 1


@dataclass(frozen=True)
class Kernel:
    """One micro-benchmark: its task, and the call that does it and holds its operands."""

    task: Task
    call: Callable[[], Any]


def kernels(torch: Any, device: Device) -> Iterator[Kernel]:
    """Every kernel that the device can run, one at a time: the operands of one are freed before the next is made."""
    room = _WIDEST * device.memory
    for n in SIZES[device.kind]:
        if 3 * 2 * n * n <= room:
            yield _product(torch, device, n)
            if device.float8:
                yield _product8(torch, device, n)
    yield _copy(torch, device, min(COPIED[device.kind], room / 2))
    yield _prefill(torch, device, PREFILL[device.kind])
    yield _decode(torch, device, *DECODE[device.kind])
    if device.count > 1:
        yield _reduce(torch, device)


def _product(torch: Any, device: Device, n: int) -> Kernel:
    left, right = (torch.randn(n, n, device=device.kind, dtype=torch.bfloat16) for _ in range(2))
    return Kernel(Task(f"gemm-{n}", "bf16", 2.0 * n**3, "FLOP/s"), partial(torch.matmul, left, right))


def _product8(torch: Any, device: Device, n: int) -> Kernel:
    left, right = (torch.randn(n, n, device=device.kind).to(torch.float8_e4m3fn) for _ in range(2))
    one = torch.ones((), device=device.kind, dtype=torch.float32)
    call = partial(torch._scaled_mm, left, right.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16)  # noqa: SLF001  the only door to it
    return Kernel(Task(f"gemm-{n}", "fp8", 2.0 * n**3, "FLOP/s"), call)


def _copy(torch: Any, device: Device, size: float) -> Kernel:
    source = torch.ones(int(size) // 2, device=device.kind, dtype=torch.bfloat16)
    target = torch.empty_like(source)
    return Kernel(Task("copy", "bf16", 2.0 * source.nbytes, "byte/s"), partial(target.copy_, source))


def _attention(torch: Any, query: Any, cache: Any, *, causal: bool) -> Callable[[], Any]:
    key, value = cache
    return partial(torch.nn.functional.scaled_dot_product_attention, query, key, value, is_causal=causal, enable_gqa=True)


def _prefill(torch: Any, device: Device, tokens: int) -> Kernel:
    query = torch.randn(1, HEADS, tokens, WIDTH, device=device.kind, dtype=torch.bfloat16)
    cache = tuple(torch.randn(1, KV_HEADS, tokens, WIDTH, device=device.kind, dtype=torch.bfloat16) for _ in range(2))
    work = 4.0 * tokens**2 * HEADS * WIDTH / 2
    return Kernel(Task(f"attention-prefill-{tokens}", "bf16", work, "FLOP/s"), _attention(torch, query, cache, causal=True))


def _decode(torch: Any, device: Device, sequences: int, tokens: int) -> Kernel:
    query = torch.randn(sequences, HEADS, 1, WIDTH, device=device.kind, dtype=torch.bfloat16)
    cache = tuple(torch.randn(sequences, KV_HEADS, tokens, WIDTH, device=device.kind, dtype=torch.bfloat16) for _ in range(2))
    work = float(sum(part.nbytes for part in cache))
    return Kernel(Task(f"attention-decode-{sequences}x{tokens}", "bf16", work, "byte/s"), _attention(torch, query, cache, causal=False))


def _reduce(torch: Any, device: Device) -> Kernel:
    parts = [torch.ones(int(REDUCED) // 2, device=f"{device.kind}:{n}", dtype=torch.bfloat16) for n in range(device.count)]
    work = 2.0 * (device.count - 1) / device.count * parts[0].nbytes
    return Kernel(Task("all-reduce", "bf16", work, "byte/s", device.count), partial(torch.cuda.nccl.all_reduce, parts))
