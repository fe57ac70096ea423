"""Runs on disk: a folder of tables with a manifest, named by case and content; and the answer to a question asked before."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from barbell.core.case import Case
from barbell.core.errors import CaseError
from barbell.io import catalogue, runs
from barbell.io.whole import mend
from barbell.plan import Options
from barbell.study.headline import headline
from barbell.study.kept import Kept, opened
from barbell.study.key import key, versions
from barbell.study.run import Run

Say = Callable[[str], None]
FOLDER = Path("runs")
"""Where runs are kept, unless told otherwise."""
_LONGEST = 60


def place(run: Run, out: Path = FOLDER) -> Path:
    """Folder of a run below `out`."""
    return _place(run.case, run.key, out)


def ready(out: Path) -> None:
    """Raise CaseError where no run could be kept below `out`: before the work, not after it."""
    runs.writable(out)


def keep(run: Run, out: Path = FOLDER, texts: Mapping[str, str] | None = None, *, say: Say | None = None) -> Path:
    """Write a run below `out` with further `texts` by file name, such as its report, whole or not at all; then enter it in the catalogue.

    Raises CaseError where the disk refuses the folder. A catalogue that cannot be written is told to `say` and does no harm.
    """
    statements, greedy, effort = run.statements, run.greedy, run.plan.solver.options
    manifest = {
        "key": run.key,
        "case": run.case.name,
        "question": run.case.question,
        "as_of": run.case.as_of,
        "changes": dict(run.changes),
        "started": run.started.isoformat(),
        "finished": (run.started + timedelta(seconds=run.seconds)).isoformat(),  # not the clock again, which may have been set back
        "turn": catalogue.turn(out, say),
        "seconds": run.seconds,
        "peak_mb": run.peak_mb,
        "versions": versions(),
        "options": {**asdict(effort), "gap": effort.enough(run.plan.forest.problem.arrays)},
        "plan": asdict(run.plan.status),
        "answer": {"value": run.plan.value, "greedy": greedy.value if greedy else None, "not_modelled": statements.not_modelled},
        "headline": headline(run),
    }
    folder = runs.write(place(run, out), run.frames, manifest, texts or {})
    catalogue.enter(folder, say)
    return folder


def recall(case: Case, options: Options | None = None, out: Path = FOLDER, *, texts: Collection[str] = (), say: Say | None = None) -> Kept | None:
    """The run below `out` that answers the same question and was kept with these `texts`, verified; None where there is none.

    One that is damaged is told to `say` and not used. Nor is one whose answer may depend on the seconds that the solver had: they
    were other than now, and the run took as long as the fewer of the two.
    """
    effort = options or Options()
    folder = _place(case, key(case, effort), out)
    mend(out)
    if not (folder / runs.MANIFEST).is_file():
        return None
    try:
        found = opened(folder)
    except CaseError as error:
        if say:
            say(f"a run of this question is not used: {error.faults[0]}")
        return None
    if not set(texts) <= found.manifest[runs.FILES].keys():
        return None
    had = found.manifest["options"]["seconds"]
    return found if had == effort.seconds or found.manifest["seconds"] < min(had, effort.seconds) else None


def _place(case: Case, name: str, out: Path) -> Path:
    """The name of a case is free text: what no file system likes becomes a dash."""
    plain = re.sub(r"[^\w.+-]+", "-", case.name).lstrip(".-")[:_LONGEST] or "case"
    return out / f"{plain}-{name}"
