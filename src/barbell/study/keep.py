"""Runs on disk: a folder of tables with a manifest, named by case and content."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from barbell import __version__
from barbell.io import runs
from barbell.study.headline import headline
from barbell.study.run import Run

FOLDER = Path("runs")
"""Where runs are kept, unless told otherwise."""


def place(run: Run, out: Path = FOLDER) -> Path:
    """Folder of a run below `out`."""
    return out / f"{run.case.name}-{run.key}"


def ready(out: Path) -> None:
    """Raise CaseError where no run could be kept below `out`: before the work, not after it."""
    runs.writable(out)


def keep(run: Run, out: Path = FOLDER, texts: Mapping[str, str] | None = None) -> Path:
    """Write a run below `out` with further `texts` by file name, such as its report; whole or not at all.

    Raises CaseError where the disk refuses.
    """
    manifest = {
        "key": run.key,
        "barbell": __version__,
        "python": platform.python_version(),
        "solver": f"HiGHS {version('highspy')}",
        "plan": asdict(run.plan.status),
        "headline": headline(run),
    }
    return runs.write(place(run, out), run.frames, manifest, texts or {})
