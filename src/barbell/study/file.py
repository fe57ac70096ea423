"""The door through which a study's tables become files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import FactError
from barbell.io import landing


def put(text: str, to: Path) -> Path:
    """Write a file, whole or not at all, and return its path; raises FactError where the disk refuses."""
    try:
        landing.put(to, text.encode())
    except OSError as error:
        raise FactError(f"{to} cannot be written: {error.strerror}. Give a file in a folder that exists and that you may write to") from None
    return to
