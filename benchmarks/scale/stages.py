"""Where time and memory go: functions are wrapped, and every second and the peak are booked to the innermost stage that runs."""

from __future__ import annotations

import functools
import gc
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass
class Stage:
    """Wall and CPU seconds of a stage, and the most resident memory (MB) while it ran."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


@dataclass
class Stages:
    """A clock that knows which stage runs."""

    found: dict[str, Stage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stack = ["other"]
        self._mark = time.perf_counter(), time.process_time()
        peak(reset=True)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Book what happens inside to a stage."""
        self._book()
        self._stack.append(name)
        try:
            yield
        finally:
            self._book()
            self._stack.pop()

    def wrap(self, home: Any, name: str, stage: str) -> None:
        """Let a function of a module or class book its time to a stage."""
        inner: Callable[..., Any] = getattr(home, name)

        @functools.wraps(inner)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.stage(stage):
                return inner(*args, **kwargs)

        setattr(home, name, timed)

    def _book(self) -> None:
        now = time.perf_counter(), time.process_time()
        at = self.found.setdefault(self._stack[-1], Stage())
        at.wall_s += now[0] - self._mark[0]
        at.cpu_s += now[1] - self._mark[1]
        at.peak_mb = max(at.peak_mb, peak(reset=True))
        self._mark = time.perf_counter(), time.process_time()


def peak(*, reset: bool = False) -> float:
    """Peak resident MB since the last reset (Linux), else since the start."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    found = next(int(line.split()[1]) for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    if reset:
        _RESET.write_text("5")
    return found


def settled() -> float:
    """Resident MB now, after collecting what is garbage."""
    gc.collect()
    peak(reset=True)
    return peak()
