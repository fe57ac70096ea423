"""From files to a plan and its reasons; the Python API and the commands are these verbs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from barbell.core.case import Case
from barbell.core.errors import CaseError, Fault, Where
from barbell.io import read
from barbell.io.whole import spare
from barbell.plan import Bottleneck, Options, Plan, solve
from barbell.plan import explain as bottlenecks
from barbell.study.known import known


def new(folder: str | os.PathLike[str], *, example: str = "toy") -> Path:
    """Copy an example case into a new or empty folder and return it; what fails leaves nothing behind.

    Raises CaseError if the folder is in use or cannot be written, or the example is unknown.
    """
    target, source = Path(folder), examples() / example
    if not (source / "case.yaml").is_file():
        known = ", ".join(sorted(p.parent.name for p in examples().glob("*/case.yaml")))
        raise CaseError([Fault(Where(), example, "is no example case", f"Known: {known}")])
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise CaseError([Fault(Where(str(target)), "", "exists and is not an empty folder", "Choose another folder")])
        _copy(source, target)
    except OSError as error:
        raise CaseError([Fault(Where(str(target)), "", f"cannot be written: {error.strerror or error}", "Choose another folder")]) from error
    return target


def _copy(source: Path, target: Path) -> None:
    """Copy beside the target first, so that the target is whole or as it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with spare(target.parent) as room:
        made = shutil.copytree(source, room / "case")
        if not target.exists():
            made.rename(target)
            return
        for entry in sorted(made.iterdir()):  # an empty folder may be someone's working directory: it stays the same folder
            entry.rename(target / entry.name)


def examples() -> Path:
    """Folder of the example cases: inside an installed package, or beside the sources."""
    inside = Path(__file__).parents[1] / "cases"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "cases"


def check(path: str | os.PathLike[str], changes: Mapping[str, str] | None = None) -> Case:
    """Read a case with further `changes` ``{path: value}``; raises CaseError with every fault."""
    return read(path, changes, known)


def plan(
    case: Case | str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    options: Options | None = None,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Plan a case, or the case in a folder.

    Raises CaseError, InfeasibleError (the smallest set of limits that collide), UnboundedError (the free lunch) or
    SolverLimitError.
    """
    if isinstance(case, Case):
        if changes:
            raise CaseError([Fault(Where(), "", "changes need the case's files", "Give the folder of the case, or change the Case itself")])
        return solve(case, options=options, progress=progress)
    return solve(read(case, changes, known), options=options, progress=progress)


def explain(found: Plan, *, top: int = 20) -> tuple[Bottleneck, ...]:
    """The bottlenecks of a plan in order of worth, each with the range of its price."""
    return bottlenecks(found, top)
