"""Files into their place: one whole or not at all, or several into a folder, all of them or none and everything else left as it is."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from barbell.io.whole import flush, replacing, spare


def land(folder: Path, files: Mapping[str, str], gone: Collection[str] = ()) -> None:
    """Write files by their paths into a folder and remove those that are `gone`.

    A folder that is there is changed in a copy, which then takes its place in one step. Raises OSError where the disk refuses; the folder
    is then as it was.
    """
    with replacing(folder) as made:
        if folder.exists():
            shutil.copytree(folder, made, symlinks=True, dirs_exist_ok=True)
        for name in gone:
            (made / name).unlink(missing_ok=True)
            _prune((made / name).parent, made)
        for name, text in files.items():
            _write(made / name, text)


def put(file: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file, whole or not at all; raises OSError, also where it exists and is not to be replaced.

    A link stays one, and what it leads to is written; a pipe or a device is written to as it is.
    """
    if file.exists() and not file.is_file():
        file.write_bytes(data)
        return
    place = file.resolve()
    with spare(place.parent) as room:
        made = room / place.name
        made.write_bytes(data)
        flush(room)
        if replace:
            made.replace(place)
        elif place.exists():
            raise FileExistsError(errno.EEXIST, "it exists already")
        else:
            made.rename(place)


def _write(file: Path, text: str) -> None:
    """Write a file, unless it says so already: then it stays as it is, down to its line ends."""
    data = text.encode()
    if file.is_file() and file.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n") == data:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _prune(folder: Path, top: Path) -> None:
    """Remove folders that have become empty."""
    while folder not in (top, *top.parents) and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
