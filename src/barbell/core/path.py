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

_STEP = re.compile(r"^([0-9]{4}(?:-[0-9]{2}|Q[1-4]|H[12])?):(\S+)$")


@dataclass(frozen=True)
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
            return cls.constant(_number(tokens[0]))
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

    def map(self, function: Callable[[float], float]) -> Path:
        """The same path with every value changed by `function`."""
        return Path(tuple((month, function(value)) for month, value in self.steps))

    def until(self, month: Month, then: Path) -> Path:
        """This path before `month`, and `then` from it on."""
        later = [(start, value) for start, value in then.steps if start > month]
        now = then.at(month)
        return Path((*(s for s in self.steps if s[0] < month), *([(month, now)] if now is not None else []), *later))

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


def _number(text: str) -> float:
    value = float(text.replace("_", "")) if re.fullmatch(r"[-+0-9._eE]+", text) else math.nan
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def _step(token: str) -> tuple[Month, float]:
    match = _STEP.match(token)
    if match is None:
        raise ValueError(f"'{token}' is not of the form DATE:VALUE, such as 2026Q1:30")
    return Month.parse(match[1]), _number(match[2])
