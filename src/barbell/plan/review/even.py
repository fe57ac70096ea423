"""How many decisions could be taken otherwise at no loss: the plan shown is one of the best, not always the only one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from barbell.plan.review.finding import Finding
from barbell.plan.review.subject import NONE, Subject

DECISIONS = ("order", "convert", "retire", "sign")
FREE = 1e-9
"""Reduced costs below this share of the largest are nil."""
SOME = 0.05
"""A smaller share of free decisions is not worth a word."""


def even(subject: Subject) -> Iterator[Finding]:
    """A note where decisions at one of their bounds have no reduced cost: moving them a little costs nothing to first order."""
    plan, arrays = subject.plan, subject.arrays
    dual, x = plan.priced.column_dual, plan.solution.x
    blocks = subject.model.template.columns
    columns = np.unique(np.concatenate([plan.forest.columns[:, blocks[name].index[blocks[name].index >= 0]].reshape(-1) for name in DECISIONS]))
    columns = columns[columns >= 0]
    held = (x[columns] <= arrays.lower[columns] + NONE) | (x[columns] >= arrays.upper[columns] - NONE)
    free = held & (np.abs(dual[columns]) <= FREE * max(1.0, float(np.abs(dual).max(initial=0.0))))
    share = float(free.mean()) if len(columns) else 0.0
    if share > SOME:
        says = (
            f"{int(free.sum()):,} of {len(columns):,} orders, conversions and signatures ({share:.0%}) stand at a bound that costs nothing to leave"
        )
        fix = "At most so many could differ in another plan of the same value: read amounts by place and period with that in mind"
        yield Finding("other plans as good", "note", "the plan", subject.where("", "", ""), says, fix)
