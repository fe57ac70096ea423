"""What PyTorch can compute on here: one kind of device, how many of it, and which chip of the tables it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from barbell.core.errors import FactError

Kind = Literal["cuda", "cpu"]
KINDS: tuple[Kind, ...] = ("cuda", "cpu")
"""What PyTorch calls NVIDIA's and AMD's accelerators alike, and the processor, on which only the command itself can be tried."""

_CHIPS = (
    (r"\bGB(200|300)\b", "GB{}"),
    (r"\b(A100|H100|H200|B200|B300)\b", "{}"),
    (r"\bMI(300X|325X|355X)\b", "MI{}"),
)
"""How drivers write a chip's name, and how the tables of measured rows do; a GB200 also says that it is a B200."""


@dataclass(frozen=True)
class Device:
    """A kind of device: `name` as its driver says it, `chip` as the tables do, how many are there, bytes of memory of one."""

    kind: Kind
    name: str
    chip: str
    count: int
    memory: float
    float8: bool = False
    """Whether it multiplies 8-bit floats."""


def library() -> Any:
    """PyTorch; raises FactError, with how to get it, where it is not installed."""
    try:
        import torch
    except ImportError as error:
        raise FactError(f"measuring needs PyTorch, which cannot be loaded: {error}. Install it: pip install 'barbell-planner[measure]'") from None
    return torch


def devices(torch: Any, kind: Kind | None = None, chip: str = "") -> Device:
    """The accelerator at hand, or the device of `kind`; `chip` names it where its driver's name does not tell.

    Raises FactError where there is none, and where nothing says which chip it is.
    """
    if kind == "cpu":
        return Device("cpu", "processor", chip or "CPU", 1, 2.0**32)
    if not torch.cuda.is_available():
        raise FactError("PyTorch sees no accelerator here. Measure on a machine that has one; --device cpu only tries the command out")
    properties = torch.cuda.get_device_properties(0)
    found = chip or recognised(properties.name)
    if not found:
        raise FactError(f"'{properties.name}' is no chip of the tables. Say which one it is with --chip, such as --chip H100")
    names = {torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())}
    if len(names) > 1:
        raise FactError(f"several kinds of accelerators: {', '.join(sorted(names))}. Show PyTorch one kind, as by CUDA_VISIBLE_DEVICES")
    float8 = torch.version.hip is None and (properties.major, properties.minor) >= (8, 9)
    return Device("cuda", properties.name, found, torch.cuda.device_count(), float(properties.total_memory), float8=float8)


def recognised(name: str) -> str:
    """The chip of a driver's name; empty where it is none of the tables."""
    for pattern, form in _CHIPS:
        if found := re.search(pattern, name):
            return form.format(found[1])
    return ""
