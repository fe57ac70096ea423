"""A run as its folder holds it: what it found, what it was asked and what it was made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from barbell.core.case import Case
from barbell.core.errors import CaseError, Fault, Where
from barbell.io import runs
from barbell.plan import Bottleneck, Status
from barbell.study.resolved import revived

BOTTLENECKS = dict.fromkeys(("kind", "item", "place", "scenario", "period", "slice"), pl.String) | {
    **dict.fromkeys(("price", "price_then", "low", "high", "amount", "worth"), pl.Float64),
    "unit": pl.String,
    **dict.fromkeys(("step", "least", "most"), pl.Float64),
    "told": pl.Boolean,
}
"""Columns of the frame ``bottlenecks``, the fields of `plan.Bottleneck`."""
PARTS = {"part": pl.String, "value": pl.Float64}
"""Columns of ``parts`` and ``greedy/parts``: the value by part, in the case's money."""


@dataclass(frozen=True)
class Kept:
    """A run that was kept, verified when it was opened. Frames have the names under which `study.run.Run.frames` gives them."""

    folder: Path
    frames: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]

    @cached_property
    def case(self) -> Case:
        """The case that was planned, as it was then."""
        return revived(self.frames)

    @property
    def key(self) -> str:
        """Key of the run."""
        return str(self.manifest["key"])

    @property
    def value(self) -> float:
        """Value of the plan in the case's money."""
        return float(self.manifest["answer"]["value"])

    @property
    def most(self) -> float:
        """What no plan can be worth more than: the value, and the gap above it."""
        return self.value + self.status.gap * max(1.0, abs(self.value))

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Result tables of the plan."""
        return self.under("tables")

    @property
    def status(self) -> Status:
        """How the plan was found."""
        return Status(**self.manifest["plan"])

    @property
    def headline(self) -> dict[str, Any]:
        """The figures of the run, as `study.headline` gave them; null where a number has no end or does not exist."""
        return dict(self.manifest["headline"])

    @property
    def bottlenecks(self) -> tuple[Bottleneck, ...]:
        """What binds, in order of worth."""
        return tuple(Bottleneck(**row) for row in self.frames["bottlenecks"].iter_rows(named=True))

    def parts(self, name: str = "parts") -> dict[str, float]:
        """Value by part: of the plan, or of the baseline (``greedy/parts``)."""
        return dict(self.frames[name].iter_rows())

    def under(self, folder: str) -> dict[str, pl.DataFrame]:
        """Frames of one folder by name: tables, statements, greedy, case."""
        return {name.partition("/")[2]: frame for name, frame in self.frames.items() if name.startswith(f"{folder}/")}


def opened(folder: Path) -> Kept:
    """Open a run; every file is held against its hash.

    Raises CaseError where there is none, where a file is damaged, or where another version of Barbell kept it in another form.
    """
    frames, manifest = runs.read(folder)
    found = Kept(folder, frames, manifest)
    missing = [name for name in ("key", "answer", "headline", "plan", "versions", "options") if name not in manifest]
    if missing or "case/settings" not in frames:
        fix = "Run the case again with this version"
        raise CaseError([Fault(Where(str(folder)), "", "was kept by an earlier version, which kept less", fix)], folder="the run")
    return found
