"""Run folders: written beside their place and renamed, so that a run is whole or absent."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from barbell.core.errors import CaseError, Fault, Where
from barbell.core.finite import finite

MANIFEST = "manifest.json"


def write(folder: Path, frames: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], texts: Mapping[str, str]) -> Path:
    """Write a run: each frame as Parquet, the manifest as JSON, texts as they are. A run that is there already is replaced at once.

    Names may hold folders (``tables/orders``). Raises CaseError where the disk refuses; what stood there before then still stands.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".barbell-") as spare:
            made = Path(spare) / "run"
            _fill(made, frames, {**texts, MANIFEST: json.dumps(finite(manifest), indent=2, default=str, allow_nan=False) + "\n"})
            _swap(made, folder, Path(spare) / "old")
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


def read(folder: Path) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Frames by name and the manifest of a run; raises CaseError where there is none."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise CaseError([Fault(Where(str(folder)), "", "holds no run", "Name the folder that `barbell run` tells of")], folder="the run")
    frames = {path.relative_to(folder).with_suffix("").as_posix(): pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))}
    return frames, json.loads(manifest.read_text(encoding="utf-8"))


def _fill(made: Path, frames: Mapping[str, pl.DataFrame], texts: Mapping[str, str]) -> None:
    for name, frame in frames.items():
        path = made / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path)
    for name, text in texts.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _swap(made: Path, folder: Path, old: Path) -> None:
    """Put the new run in place; the old one comes back if that fails."""
    if not folder.exists():
        made.rename(folder)
        return
    if not folder.is_dir():
        raise FileExistsError(errno.EEXIST, "a file of that name is in the way")
    folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def _refused(folder: Path, why: str) -> CaseError:
    return CaseError([Fault(Where(str(folder)), "", f"cannot be written: {why}", "Choose another folder with --out")], folder="the run")
