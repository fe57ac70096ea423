"""Figures to spoil."""

from barbell.facts import Figure

ROW = {
    "name": "amzn-aws-revenue-2025Q4", "value": "35579", "unit": "MUSD2025", "low": "", "high": "", "as_of": "2026-02-05",
    "source": "release", "url": "", "grade": "A", "entity": "amzn", "segment": "aws", "metric": "revenue", "basis": "segment",
    "period": "2025Q4", "note": "", "file": "amazon.csv", "line": 2,
}  # fmt: skip


def figure(**changes):
    """A sound figure with some columns changed."""
    return Figure(**(ROW | changes))


def money(entity, segment, metric, basis, period, value, **changes):
    """A figure in millions of dollars, named after what it is about."""
    name = f"{entity}-{segment}-{metric}-{basis}-{period}"
    return figure(name=name, entity=entity, segment=segment, metric=metric, basis=basis, period=period, value=str(value), **changes)
