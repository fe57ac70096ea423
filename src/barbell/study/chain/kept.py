"""A run in its folder, opened again: every number of it by its address."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import CaseError, Fault, Where
from barbell.io import runs
from barbell.study.chain.book import Book
from barbell.study.kept import Kept, opened


def is_run(folder: Path) -> bool:
    """Whether a folder holds a run rather than a case."""
    return (folder / runs.MANIFEST).is_file()


def run_in(folder: Path) -> Kept:
    """The run in a folder. Raises CaseError where there is none, it is damaged, or an earlier version kept it without its case."""
    if not is_run(folder) and (folder / "case.yaml").is_file():
        fix = "Run it first (`barbell run`), then name the folder of the run"
        raise CaseError([Fault(Where(str(folder)), "", "is a case, and numbers are opened in a run", fix)], folder="the question")
    return opened(folder)


def book(folder: Path) -> Book:
    """The numbers of a kept run; raises as `run_in` does."""
    found = run_in(folder)
    return Book(found.case, found.frames)
