"""A question is answered once: what was found before is found again, and only what is new is worked out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from barbell.io import read
from barbell.plan import Options
from barbell.study.keep import FOLDER, ready, recall
from barbell.study.kept import Kept
from barbell.study.known import known
from barbell.study.run import Run, run

Say = Callable[[str], None]


def ask(
    path: str | os.PathLike[str],
    changes: Mapping[str, str] | None = None,
    *,
    out: Path = FOLDER,
    again: bool = False,
    texts: Collection[str] = (),
    options: Options | None = None,
    progress: Say | None = None,
    say: Say | None = None,
    work: Callable[[], None] | None = None,
) -> Kept | Run:
    """The kept run that answers the question already, kept with these `texts`, unless it is asked `again`; else a new one, not yet kept.

    `progress` hears of the steps, `say` of what is amiss with what was kept; `work` is called once it is certain that there is work to do.
    Raises what `study.run` raises, and CaseError where no run could be kept below `out`.
    """
    begun = time.perf_counter()
    if progress:
        progress("reading the case")
    case = read(path, changes, known)
    found = None if again else recall(case, options, out, texts=texts, say=say)
    if found is not None:
        return found
    ready(out)
    if work:
        work()
    spent = time.perf_counter() - begun
    made = run(path, changes, options=options, progress=progress, case=case)
    return replace(made, seconds=made.seconds + spent, started=made.started - timedelta(seconds=spent))
