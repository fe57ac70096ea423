"""The plain case in Barbell, from its files: reading and checking count as building."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scale.plain import Plain, case


def prepare(plain: Plain):
    """The files of the case; none of Barbell's time."""
    spare = tempfile.TemporaryDirectory()
    case(plain, Path(spare.name) / "plain")
    return spare


def build(spare):
    """Read, check, write, lay out; the files go afterwards."""
    from barbell.plan.tree import plant
    from barbell.study import check

    with spare as folder:
        return plant(check(Path(folder) / "plain"))


def solve(forest) -> float:
    """Hand over, solve and verify."""
    from barbell.plan.lp import Options, Solver

    return -Solver(forest.problem.arrays, Options(seconds=3600.0, method="ipm")).solve().objective
