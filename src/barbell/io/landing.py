"""Files into a folder, all of them or none: written beside it and put in its place in one step."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

_AT_CWD, _EXCHANGE = -100, 2


def land(folder: Path, files: Mapping[str, str], gone: Collection[str] = ()) -> None:
    """Write files by their paths into a folder and remove those that are `gone`; everything else in it stays.

    A folder that is there is changed in a copy, which then takes its place: in one step where the system can exchange two folders
    (Linux, macOS), in two elsewhere. Raises OSError where the disk refuses; the folder is then as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".barbell-") as spare:
        made = Path(spare) / "case"
        if folder.exists():
            shutil.copytree(folder, made, symlinks=True)
        else:
            made.mkdir()
        for name in gone:
            (made / name).unlink(missing_ok=True)
            _prune((made / name).parent, made)
        for name, text in files.items():
            _write(made / name, text)
        if folder.exists():
            exchange(made, folder, Path(spare) / "old")
        else:
            made.rename(folder)


def put(file: Path, data: bytes, *, replace: bool) -> None:
    """Write a file, whole or not at all; raises OSError, also where it exists and is not to be replaced."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".barbell-") as spare:
        made = Path(spare) / "file"
        with made.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if not replace and file.exists():
            raise FileExistsError(errno.EEXIST, "the file exists")
        made.replace(file)


def _write(file: Path, text: str) -> None:
    if file.is_file() and file.read_bytes() == text.encode():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _prune(folder: Path, top: Path) -> None:
    """Remove folders that have become empty."""
    while folder not in (top, *top.parents) and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def exchange(made: Path, folder: Path, old: Path) -> None:
    """Put `made` in the place of `folder`, which ends up in the place of `made`, or at `old` where the system cannot exchange them."""
    if _exchanged(made, folder):
        return
    folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def _exchanged(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where this system or this disk has no such call."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            done = library.renamex_np(os.fsencode(one), os.fsencode(other), _EXCHANGE)
        else:
            done = library.renameat2(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE)
    except (AttributeError, OSError, TypeError):
        return False
    return bool(done == 0)
