"""What commands have in common: how they speak, what is changed in the case, how hard the solver tries."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from barbell.core.errors import CaseError, Fault, Where

if TYPE_CHECKING:
    from barbell.plan import Options

LATEST = "9999-12-31"
"""The day on which all is known."""


def above(_kind: Any, value: float | None) -> None:
    """A number above 0, where one is given."""
    if value is not None and (not value > 0 or math.isnan(value)):
        raise ValueError("must be above 0")


def amount(_kind: Any, value: float | None) -> None:
    """A finite number above 0, where one is given."""
    above(_kind, value)
    if value is not None and math.isinf(value):
        raise ValueError("must be a finite number")


Positive = Annotated[float, Parameter(validator=above)]
"""A number above 0."""


def share(_kind: Any, value: float | None) -> None:
    """A share, below 1."""
    if value is not None and not 0 <= value < 1:
        raise ValueError("must be at least 0 and below 1")


def writable(file: Path, option: str) -> None:
    """Told before the work, not after it: raises CaseError where a file cannot be written."""
    if file.is_dir() or not os.access(file.resolve().parent, os.W_OK | os.X_OK):
        fault = Fault(Where(option), str(file), "cannot be written as a file", "Name a file in a folder that takes files")
        raise CaseError([fault], folder="the command")


def fresh(file: Path, option: str) -> None:
    """The same where a file is not replaced: raises CaseError also where there is one."""
    writable(file, option)
    if file.exists():
        raise CaseError([Fault(Where(option), str(file), "it exists already", "Name another file, or remove it first")], folder="the command")


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How a command speaks."""

    json: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Print one JSON object on standard output and nothing else."""
    debug: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """Show the traceback of an error."""


@Parameter(name="*")
@dataclass(frozen=True)
class Asked:
    """What is changed in the case before it is used."""

    changes: Annotated[tuple[str, ...], Parameter(name="--set", negative=(), show_default=False)] = ()
    """Override a cell: path=value, such as assets.hall.capex='12 MUSD2026/MW'. Repeatable."""

    @property
    def cells(self) -> dict[str, str]:
        """Values by path; raises CaseError for entries that have no such form or name a path twice."""
        faults, cells = [], {}
        for entry in self.changes:
            path, sign, value = entry.partition("=")
            if not sign or not path:
                faults.append(Fault(Where("--set"), entry, "is not of the form path=value", "Write --set assets.hall.capex='12 MUSD2026/MW'"))
            elif path in cells:
                faults.append(Fault(Where("--set"), entry, "changes a cell a second time", "Give each path once"))
            cells[path] = value
        if faults:
            raise CaseError(faults)
        return cells


@Parameter(name="*")
@dataclass(frozen=True)
class Effort:
    """How hard the solver tries."""

    seconds: Annotated[float, Parameter(validator=above)] = 600.0
    """Most seconds that the solver may take."""
    gap: Annotated[float | None, Parameter(validator=share, show_default=False)] = None
    """Relative gap at which a plan in whole blocks is good enough; by default 0.0001 for small plans, 0.002 for large ones."""
    quiet: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    """No progress on standard error."""

    @property
    def options(self) -> Options:
        """The same for the solver."""
        from barbell.plan import Options

        return Options(seconds=self.seconds, gap=self.gap)


OUTPUT, ASKED, EFFORT = Output(), Asked(), Effort()
