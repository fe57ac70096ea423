"""What can go wrong, in one tree.

::

    BarbellError                 anything Barbell raises on purpose
    |-- CaseError          (1)   the case is wrong: every fault at once, each with place, value and fix
    |-- FactError          (1)   a fact is unknown, stale or ungraded
    |-- PlanError                the case is well formed, but no plan came of it
    |   |-- InfeasibleError (2)  no plan meets all limits: the smallest set that collides
    |   |-- UnboundedError  (2)  a process makes money out of nothing: the free lunch
    |   `-- SolverLimitError (3) time, memory or accuracy ran out first
    `-- LedgerError        (4)   our own numbers do not tie: a bug, please report it

The number is the exit code of the command line; 0 is success and 4 any unexpected error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, order=True, slots=True)
class Where:
    """A spot in the user's own files: file, line (1-based; 0 when the whole file is meant) and field.

    In a workbook the file is that of the sheet, such as ``case.xlsx!assets``, and `cell` the address, such as ``C7``.
    """

    file: str = ""
    line: int = 0
    field: str = ""
    cell: str = ""

    def __str__(self) -> str:
        spot = f"{self.file}!{self.cell}" if self.cell else f"{self.file}:{self.line}" if self.line else self.file
        return " ".join(part for part in (spot, self.field) if part)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with the input: where it stands, what it says, why that is wrong, how to mend it."""

    where: Where
    value: str
    problem: str
    fix: str

    def __str__(self) -> str:
        shown = f" '{self.value}'" if self.value else ""
        return f"{self.where}:{shown} {self.problem}. {self.fix}"


class BarbellError(Exception):
    """Root of every error that Barbell raises on purpose."""

    exit_code: ClassVar[int] = 4


class CaseError(BarbellError):
    """The case is wrong; `faults` holds every fault found, in the order of the files, which are named relative to `folder`."""

    exit_code = 1

    def __init__(self, faults: Iterable[Fault], folder: str = "the case") -> None:
        self.faults = tuple(sorted(set(faults)))
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''} in {folder}"
        super().__init__("\n".join([count, *(f"  - {fault}" for fault in self.faults)]))


class FactError(BarbellError):
    """A fact is unknown, stale or ungraded, or a file of facts is wrong; `faults` then holds every fault found in it."""

    exit_code = 1

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


class PlanError(BarbellError):
    """The case is well formed, but no plan came of it."""

    exit_code = 3


class InfeasibleError(PlanError):
    """No plan meets all limits; `conflict` holds the smallest set that collides (see `plan.diagnose`)."""

    exit_code = 2

    def __init__(self, message: str, conflict: tuple[object, ...] = ()) -> None:
        self.conflict = conflict
        super().__init__(message)


class UnboundedError(PlanError):
    """Value grows without end; `lunch` names the activities that feed on nothing (see `plan.diagnose`)."""

    exit_code = 2

    def __init__(self, message: str, lunch: tuple[object, ...] = ()) -> None:
        self.lunch = lunch
        super().__init__(message)


class SolverLimitError(PlanError):
    """The solver stopped at a limit of time, memory or accuracy before an answer could be verified."""

    exit_code = 3


class LedgerError(BarbellError):
    """Our own numbers do not tie; always a bug."""

    exit_code = 4
