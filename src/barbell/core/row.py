"""What every row of a case's tables has in common, and the marks its fields carry.

A field's docstring is its documentation; the marks `Unit`, `Ref` and `Range` beside its type say in which
unit it counts, which table it points to and which values make sense. Reading, checking, CSV templates, JSON
schema and reference pages are all made from these.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from barbell.core.horizon import Month
from barbell.core.path import Path


@dataclass(frozen=True)
class Unit:
    """Canonical unit of a field.

    ``{money}`` is the case's money, ``{unit}`` the row's own unit; ``{asset}`` the unit of the row that the
    column `asset` points to; ``{resource:rate}`` and ``{resource:amount}`` a resource's unit per time and as
    a quantity. ``1`` marks a pure number.
    """

    text: str


@dataclass(frozen=True)
class Ref:
    """The field names a row of `table`; an empty cell means none where the field allows it."""

    table: str


@dataclass(frozen=True)
class Range:
    """Inclusive bounds of a number, or of every value of a path."""

    low: float = -math.inf
    high: float = math.inf

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def check(self, value: Any) -> Any:
        """Return `value`, or raise ValueError when it leaves the bounds or is not finite."""
        for number in value.values if isinstance(value, Path) else [] if value is None else [value]:
            if number != number or abs(number) == math.inf:  # noqa: PLR0124  not a number; whole numbers may be too large for isfinite
                raise ValueError("not a finite number")
            if not self.low <= number <= self.high:
                raise ValueError(f"outside {self.low:g} to {self.high:g}")
        return value


def _name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_+-]*", text) is None:
        raise ValueError("a name has letters, digits, _ + and - only, a letter or digit first")
    return text


def _date(value: str) -> str:
    if value:
        Month.parse(value)
    return value


Name = Annotated[str, AfterValidator(_name)]
Date = Annotated[str, AfterValidator(_date)]
Share = Annotated[float, Unit("1"), Range(0, 1)]
Rate = Annotated[float, Unit("1"), Range(-0.99, 10)]
Months = Annotated[int, Range(0, 1200)]
Factor = Annotated[float, Unit("1"), Range(0, 1e6)]


class Row(BaseModel):
    """A frozen, strict row; `key` names the fields that make it unique in its table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ("name",)

    note: str = ""
    """Free text: where the row comes from, what speaks against it."""

    @property
    def id(self) -> str:
        """The key as it stands in messages and override paths, such as ``hall/va``; empty fields at its end are left out."""
        if len(self.key) == 1:
            return str(getattr(self, self.key[0])).rstrip("/")
        return "/".join(str(getattr(self, field)) for field in self.key).rstrip("/")
