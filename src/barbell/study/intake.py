"""Fresh figures as a file for a person to look at before they are added to the store."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import FactError
from barbell.facts.intake import Intake, table
from barbell.io import landing


def save(intake: Intake, folder: Path) -> Path:
    """Write the figures to a CSV of the store's columns in `folder`, whole or not at all, and return its path.

    Raises FactError when there is nothing to write, when the file exists (it may hold work by hand), or when the folder cannot be
    written to.
    """
    path = folder / f"{intake.name}.csv"
    if not intake.figures:
        raise FactError(f"{path}: nothing to write: every figure was refused. Use --dry-run to see why")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        landing.put(path, table(intake.figures).encode(), replace=False)
    except OSError as error:
        raise FactError(f"{path} cannot be written: {error.strerror}. Move what is there away, or name another folder with --to") from None
    return path
