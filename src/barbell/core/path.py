"""Values over time: a `Path` is a step function of the calendar."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from barbell.core.horizon import Month

_STEP = re.compile(r"([0-9]{4}(?:-[0-9]{2}|Q[1-4]|H[12])?):(\S+)")
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Path:
    """A number that may change over time.

    `steps` are (first month, value) pairs in ascending order; each value holds from its month until the
    next. A constant is one step that holds from the beginning of time (`Month.MIN`). In a cell it reads
    ``30`` or ``2026Q1:30 2027:45``: thirty from January 2026, forty-five from January 2027.
    """

    steps: tuple[tuple[Month, float], ...]

    @classmethod
    def constant(cls, value: float) -> Path:
        """The path that never changes."""
        return cls(((Month.MIN, float(value)),))

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a cell without unit; raises ValueError with a readable reason."""
        tokens = text.split()
        if len(tokens) == 1 and ":" not in tokens[0]:
            return cls.constant(number(tokens[0]))
        steps = tuple(_step(token) for token in tokens)
        if not steps:
            raise ValueError("no value")
        months = [month for month, _ in steps]
        if months != sorted(set(months)):
            raise ValueError("the dates of a path must ascend, each once")
        return cls(steps)

    def at(self, month: Month) -> float | None:
        """The value that holds in `month`; None before the first step."""
        value = None
        for start, level in self.steps:
            if start > month:
                break
            value = level
        return value

    def mean(self, month: Month, months: int) -> float:
        """Mean over the `months` months from `month` on; raises ValueError when that begins before the first step."""
        if month < self.steps[0][0]:
            raise ValueError(f"the path begins in {self.steps[0][0]}, after {month}")
        end = month + months
        ends = (*(start for start, _ in self.steps[1:]), end)
        spans = zip(self.steps, ends, strict=True)
        return sum(value * max(0, min(until, end).index - max(start, month).index) for (start, value), until in spans) / months

    def until(self, month: Month, later: Path) -> Path:
        """This path before `month` and `later` from then on; where `later` begins only after `month`, this one holds until it does."""
        seam = max(month, later.steps[0][0])
        before = tuple(step for step in self.steps if step[0] < seam)
        after = tuple((max(start, seam), value) for start, value in later.steps)
        return Path(before + tuple(step for k, step in enumerate(after) if k + 1 == len(after) or after[k + 1][0] > step[0]))

    def map(self, function: Callable[[float], float]) -> Path:
        """The same path with every value changed by `function`."""
        return Path(tuple((month, function(value)) for month, value in self.steps))

    @property
    def values(self) -> tuple[float, ...]:
        """All values that the path ever takes."""
        return tuple(value for _, value in self.steps)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": ["number", "string"], "examples": [30, "2026Q1:30 2027:45"]}

    def __str__(self) -> str:
        if len(self.steps) == 1 and self.steps[0][0] == Month.MIN:
            return f"{self.steps[0][1]:g}"
        return " ".join(f"{month}:{value:g}" for month, value in self.steps)


def number(text: str) -> float:
    """A finite number as a cell may write it (``12``, ``1_000``, ``-1.5e3``); raises ValueError with a readable reason."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"'{text}' is not a number")
    value = float(text.replace("_", ""))
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is not a finite number")
    return value


def _step(token: str) -> tuple[Month, float]:
    match = _STEP.fullmatch(token)
    if match is None:
        raise ValueError(f"'{token}' is not of the form DATE:VALUE, such as 2026Q1:30")
    return Month.parse(match[1]), number(match[2])
