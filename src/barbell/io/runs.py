"""Run folders: written beside their place and renamed, so that a run is whole or absent."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from barbell.core.errors import CaseError, Fault, Where

MANIFEST = "manifest.json"


def write(folder: Path, frames: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], texts: Mapping[str, str]) -> Path:
    """Write a run: each frame as Parquet, the manifest as JSON, texts as they are. A run that is there already is replaced at once.

    Names may hold folders (``tables/orders``). Raises CaseError where the disk refuses, and then leaves nothing behind.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".barbell-") as spare:
            made = Path(spare) / "run"
            for name, frame in frames.items():
                path = made / f"{name}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                frame.write_parquet(path)
            for name, text in {**texts, MANIFEST: json.dumps(manifest, indent=2, default=str) + "\n"}.items():
                (made / name).write_text(text, encoding="utf-8")
            if folder.exists():
                folder.rename(Path(spare) / "old")
            made.rename(folder)
    except OSError as error:
        fault = Fault(Where(str(folder)), "", f"cannot be written: {error.strerror or error}", "Choose another folder with --out")
        raise CaseError([fault], folder="the run") from error
    return folder


def read(folder: Path) -> tuple[dict[str, pl.DataFrame], dict[str, Any]]:
    """Frames by name and the manifest of a run."""
    frames = {path.relative_to(folder).with_suffix("").as_posix(): pl.read_parquet(path) for path in sorted(folder.rglob("*.parquet"))}
    return frames, json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
