"""The door through which pages, pictures and workbooks become files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

from barbell.core.errors import CaseError, Fault, Where
from barbell.io import landing


def put(content: str | bytes, path: Path, option: str) -> Path:
    """Write a file, whole or not at all, and return its path; `option` is what names it in a command.

    Raises CaseError where the disk refuses.
    """
    try:
        landing.put(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        fault = Fault(Where(str(path)), "", f"cannot be written: {error.strerror or error}", f"Name another file with {option}")
        raise CaseError([fault], folder="the command") from error
    return path
