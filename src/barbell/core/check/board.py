"""What the board and the banks say: limits with their terms, debts, conversions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from barbell.core.case import Case
from barbell.core.check.told import told
from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion

MEASURED: dict[str, tuple[str, ...]] = {
    "order": ("assets",),
    "service": ("assets",),
    "fleet": ("assets",),
    "retire": ("assets",),
    "activity": ("processes",),
    "served": ("demands", "contracts"),
    "spend": ("programmes", "assets"),
    "cash": ("entities",),
    "debt": ("debts",),
    "margin": ("entities",),
}
"""Tables whose rows a measure can be taken of."""


def unmeasured(where: Where, item: str, measure: str, names: Iterable[str]) -> Fault:
    """The fault of a term whose item is not there."""
    kinds = " or ".join(MEASURED[measure])
    return Fault(where, item, f"is not there: '{measure}' is measured of {kinds}", suggestion(item, names, kinds))


def limits(case: Case) -> Iterator[Fault]:
    """A limit holds something."""
    held = {term.limit for term in case.tables.terms}
    for row in case.tables.limits:
        if row.name not in held:
            yield told(case, row, "name", "the limit has no terms", "Add what it sums to terms.csv, or remove it")


def terms(case: Case) -> Iterator[Fault]:
    """What a term measures exists, once, and can be measured there."""
    retirable = {asset.name for asset in case.tables.assets if asset.retirable}
    for row in case.tables.terms:
        tables = MEASURED[row.measure]
        names = [name for table in tables for name in (other.id for other in case.tables.rows(table))]
        kinds = " or ".join(tables)
        if row.item not in names:
            yield unmeasured(case.where("terms", row.id, "item"), row.item, row.measure, names)
        elif names.count(row.item) > 1:
            yield told(case, row, "item", f"this may mean one of several: {kinds}", "Rename one of them")
        elif row.measure == "retire" and row.item not in retirable:
            yield told(case, row, "item", "the asset cannot be retired", "Set 'retirable' to true, or remove the term")
        if row.place and row.measure in ("cash", "debt"):
            yield told(case, row, "place", f"{row.measure} has no place", "Leave the cell empty")


def debts(case: Case) -> Iterator[Fault]:
    """What is outstanding at the start lies within the limit."""
    for row in case.tables.debts:
        most = row.limit.at(case.horizon.start) if row.limit else None
        if most is not None and row.opening > most:
            yield told(case, row, "opening", f"more than the limit at the start, {most:g}", "Lower it or raise the limit")


def conversions(case: Case) -> Iterator[Fault]:
    """A conversion changes something."""
    for row in case.tables.conversions:
        if row.source == row.target:
            yield told(case, row, "target", "source and target are the same asset", "Name the asset that it is turned into")
