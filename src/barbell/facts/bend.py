"""Series so smooth that a slip of the pen shows as a bend: each quarter lies near the mean of its neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterator

from barbell.facts.tie import Book, Identity

SMOOTH: dict[tuple[str, str, str, str], float] = {
    ("amzn", "aws", "revenue", "segment"): 0.045,
    ("googl", "google_cloud", "revenue", "segment"): 0.05,
    ("msft", "intelligent_cloud", "revenue", "segment_restated"): 0.045,
    ("msft", "intelligent_cloud", "operating_income", "segment_restated"): 0.09,
}
"""Entity, segment, metric, basis, and how far (as a share) a quarter may lie from the geometric mean of the two beside it.

The bounds are a little wider than the largest bend of the series so far. A new quarter that breaks one is to be read again in its source;
if it stands, the bound is widened here, in the open.
"""


def bends(book: Book) -> Iterator[Identity]:
    """For each quarter with both neighbours: itself against their geometric mean, within the bound of its series."""
    for key, bound in SMOOTH.items():
        quarters = {
            int(period[:4]) * 4 + int(period[5]) - 1: value for (*about, period), value in book.items() if tuple(about) == key and period[4:5] == "Q"
        }
        for at, value in quarters.items():
            before, after = quarters.get(at - 1, 0.0), quarters.get(at + 1, 0.0)
            if before > 0 and after > 0:
                subject = f"{' '.join(key)} {at // 4}Q{at % 4 + 1}"
                yield Identity("a quarter lies between its neighbours", subject, value, math.sqrt(before * after), tolerance=bound * abs(value))
