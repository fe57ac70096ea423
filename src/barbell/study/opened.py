"""A run in its folder, opened again: its case, its frames, and every number of it by its address."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import CaseError, Fault, Where
from barbell.io import runs
from barbell.study.chain import Book
from barbell.study.resolved import revived


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run rather than a case."""
    return (folder / runs.MANIFEST).is_file()


def book(folder: Path) -> Book:
    """The numbers of a kept run. Raises CaseError where there is none, it is damaged, or an earlier version kept it without its case."""
    if not is_run(folder) and (folder / "case.yaml").is_file():
        fix = "Run it first (`barbell run`), then name the folder of the run"
        raise CaseError([Fault(Where(str(folder)), "", "is a case, and numbers are opened in a run", fix)], folder="the question")
    frames, _ = runs.read(folder)
    try:
        return Book(revived(frames), frames)
    except (KeyError, ValueError) as error:
        fault = Fault(Where(str(folder)), "", "does not hold the case that it answers: another version of Barbell kept it", "Run the case again")
        raise CaseError([fault], folder="the run") from error
