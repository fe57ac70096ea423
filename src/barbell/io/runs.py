"""Run folders: whole or absent, each file listed in the manifest with its size and hash, the manifest sealed with its own."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from barbell.core.errors import CaseError, Fault, Where
from barbell.core.finite import finite
from barbell.io.whole import replacing

MANIFEST = "manifest.json"
FILES, SEAL = "files", "seal"
"""Entries of the manifest: name, size and hash of every other file; hash of the manifest itself, without this entry."""

AGAIN = "Run the case again, or remove it with `barbell runs prune --damaged`"
_LOOKS = 3
"""A run that another process replaces while it is read is read anew so many times."""

Manifest = dict[str, Any]


def write(folder: Path, frames: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], texts: Mapping[str, str]) -> Path:
    """Write a run: each frame as Parquet, the manifest as JSON, texts as they are. A run that is there already is replaced at once.

    Names may hold folders (``tables/orders``). The manifest is written with `FILES` and `SEAL` added; all of it has reached the disk
    when this returns. Raises CaseError where the disk refuses; what stood there before then still stands.
    """
    try:
        with replacing(folder) as made:
            files = {name: _save(made / name, content) for name, content in _contents(frames, texts)}
            _save(made / MANIFEST, _sealed({**manifest, FILES: files}).encode())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _refused(folder, getattr(error, "strerror", None) or str(error)) from error
    return folder


def writable(folder: Path) -> None:
    """Raise CaseError where nothing can be written below `folder`, which need not exist: so that it is told before the work, not after it."""
    place = folder.absolute()
    while not (place.exists() or place == place.parent):
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK)):
        raise _refused(folder, os.strerror(errno.EACCES if place.is_dir() else errno.ENOTDIR))


def read(folder: Path) -> tuple[dict[str, pl.DataFrame], Manifest]:
    """Frames by name and the manifest of a run, each file held against its hash.

    Raises CaseError where there is no run, with every file that is missing, changed or cut short.
    """
    for look in range(_LOOKS):
        found = manifest(folder)
        faults: list[Fault] = []
        made = {name.removesuffix(".parquet"): _frame(folder, name, found, faults) for name in _tables(folder, found)}
        if not faults:
            return {name: frame for name, frame in made.items() if frame is not None}, found
        if look + 1 == _LOOKS or manifest(folder) == found:
            break
    raise CaseError(faults, folder="the run")


def manifest(folder: Path) -> Manifest:
    """The manifest of a run. Raises CaseError where there is none, or where it is not as it was written."""
    found, faults = _look(folder)
    if faults:
        raise CaseError(faults, folder="the run")
    return found


def damage(folder: Path, *, thorough: bool = True) -> list[Fault]:
    """What is wrong with the files of a run: missing, of another size or, where `thorough`, with other content. Empty where it is whole.

    A folder that an earlier version kept lists no files; of it nothing can be said. Raises CaseError where files may not be read.
    """
    faults: list[Fault] = []
    for _ in range(_LOOKS):
        found, faults = _look(folder)
        faults = faults or [fault for name in found.get(FILES, {}) for fault in _wrong(folder, name, found, thorough=thorough)]
        if not faults or _look(folder)[0] == found:
            break
    return faults


def _look(folder: Path) -> tuple[Manifest, list[Fault]]:
    """The manifest, or what is wrong with it."""
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}, [Fault(Where(str(folder)), "", "holds no run", "Name the folder that `barbell run` tells of")]
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError:  # no text in UTF-8, or no JSON
        found = None
    if not isinstance(found, dict):
        return {}, [_damage(path, "is no JSON object: cut short or changed")]
    if (SEAL in found or FILES in found) and found.get(SEAL) != _seal(found):
        return {}, [_damage(path, "is not as it was written")]
    return found, []


def size(found: Manifest) -> int:
    """Bytes of the files of a run."""
    return sum(entry["bytes"] for entry in found.get(FILES, {}).values())


def _contents(frames: Mapping[str, pl.DataFrame], texts: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    for name, frame in frames.items():
        buffer = BytesIO()
        frame.write_parquet(buffer)
        yield f"{name}.parquet", buffer.getvalue()
    for name, text in texts.items():
        yield name, text.encode()


def _save(path: Path, content: bytes) -> dict[str, Any]:
    """Write a file; its size and hash are those of what was meant, not of what the disk gives back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _sealed(content: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(finite(dict(content)), default=str, allow_nan=False))
    return json.dumps({**plain, SEAL: _seal(plain)}, indent=2) + "\n"


def _seal(content: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in content.items() if name != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _tables(folder: Path, found: Manifest) -> list[str]:
    """Names of the files that hold frames; those in the folder where an earlier version listed none."""
    if FILES in found:
        return [name for name in found[FILES] if name.endswith(".parquet")]
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))


def _frame(folder: Path, name: str, found: Manifest, faults: list[Fault]) -> pl.DataFrame | None:
    wrong = _wrong(folder, name, found, thorough=True) if FILES in found else []
    faults += wrong
    try:
        return None if wrong else pl.read_parquet(BytesIO((folder / name).read_bytes()))
    except (OSError, pl.exceptions.PolarsError):
        faults.append(_damage(folder / name, "cannot be read as a table"))
        return None


def _wrong(folder: Path, name: str, found: Manifest, *, thorough: bool) -> list[Fault]:
    path, entry = folder / name, found[FILES][name]
    if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
        return [_damage(folder / MANIFEST, f"names '{name}', which lies elsewhere")]
    try:
        if path.stat().st_size != entry["bytes"]:
            return [_damage(path, f"has {path.stat().st_size:,} bytes, not {entry['bytes']:,}")]
        if thorough and hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            return [_damage(path, "is not as it was written")]
    except (FileNotFoundError, NotADirectoryError):
        return [_damage(path, "is missing")]
    except OSError as error:
        raise _unreadable(path, error) from error
    return []


def _damage(path: Path, what: str) -> Fault:
    return Fault(Where(str(path)), "", what, AGAIN)


def _unreadable(path: Path, error: OSError) -> CaseError:
    fault = Fault(Where(str(path)), "", f"cannot be read: {error.strerror or error}", "See to it that it may be read")
    return CaseError([fault], folder="the run")


def _refused(folder: Path, why: str) -> CaseError:
    return CaseError([Fault(Where(str(folder)), "", f"cannot be written: {why}", "Choose another folder with --out")], folder="the run")
