"""Sums that must hold between figures: quarters and years, segments and totals, cash flows, balance sheets.

A wrong digit in a guarded figure breaks at least one of them. Each identity is looked for wherever all its figures exist, and none
is built over two bases of one metric. Figures that lost against another source take no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from barbell.facts.figure import Figure
from barbell.facts.statement import LINES
from barbell.facts.store import latest

Book = dict[tuple[str, str, str, str, str], float]
"""Values by entity, segment, metric, basis and period."""
_SEGMENTS = ("aws", "north_america", "international")
_FREE_CASH = {
    "ocf_less_net_capex": (("capex", "net_of_proceeds"),),
    "ocf_less_cash_capex": (("capex", "cash_purchases"),),
    "ocf_less_capex_less_finance_lease_principal": (("capex", "cash_purchases"), ("finance_lease_principal", "as_reported")),
}
_LATE_YEAR = {"msft": ("Q3", "Q4", "Q1", "Q2")}
"""Calendar quarters of a fiscal year that begins in the calendar year before."""


@dataclass(frozen=True)
class Identity:
    """Two sides that must agree within `tolerance`, both in millions of dollars (per share for `earnings per share`)."""

    kind: str
    subject: str
    left: float
    right: float
    tolerance: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether the sides agree; companies round, so a sum may miss by one in the last place."""
        return abs(self.left - self.right) <= self.tolerance


def identities(rows: Iterable[Figure]) -> tuple[Identity, ...]:
    """Every identity whose figures are among `rows`, in their latest version."""
    usable = [row for row in latest(rows, "9999-12-31") if "-alt" not in row.name and row.period]
    money: Book = {row.about: row.number for row in usable if row.unit.startswith("MUSD") and "/" not in row.unit}
    per_share: Book = {row.about: row.number for row in usable if row.metric in ("eps_diluted", "shares_diluted")}
    rules: tuple[Callable[[Book], Iterator[Identity]], ...] = (_quarters, _trailing, _segments, _net_capex, _free_cash, _property, _statements)
    return tuple(identity for rule in rules for identity in rule(money)) + tuple(_earnings(money, per_share))


def _quarters(book: Book) -> Iterator[Identity]:
    for (entity, segment, metric, basis, period), value in book.items():
        names = _parts(entity, period)
        parts = [book[entity, segment, metric, basis, name] for name in names if (entity, segment, metric, basis, name) in book]
        if names and len(parts) == len(names):
            yield Identity("quarters = year", f"{entity} {segment} {metric} {basis} {period}", sum(parts), value)


def _parts(entity: str, period: str) -> tuple[str, ...]:
    """The quarters of a year or half year, none for other periods."""
    fiscal = period.startswith("FY")
    year = period.removeprefix("FY")
    if year.endswith(("H1", "H2")):
        first = 1 if year.endswith("1") else 3
        return f"{year[:4]}Q{first}", f"{year[:4]}Q{first + 1}"
    if not (year.isdigit() and len(year) == 4):
        return ()
    if not fiscal:
        return tuple(f"{year}Q{n}" for n in range(1, 5))
    if entity in _LATE_YEAR:
        years = (int(year) - 1,) * 2 + (int(year),) * 2
        return tuple(f"{y}{quarter}" for y, quarter in zip(years, _LATE_YEAR[entity], strict=True))
    return tuple(f"FY{year[2:]}Q{n}" for n in range(1, 5))


def _trailing(book: Book) -> Iterator[Identity]:
    for (entity, segment, metric, basis, period), value in book.items():
        if period.startswith("ttm"):
            index = int(period[3:7]) * 4 + int(period[8]) - 1
            names = [f"{i // 4}Q{i % 4 + 1}" for i in range(index - 3, index + 1)]
            parts = [book[entity, segment, metric, basis, name] for name in names if (entity, segment, metric, basis, name) in book]
            if len(parts) == 4:
                yield Identity("four quarters = trailing year", f"{entity} {segment} {metric} {basis} {period}", sum(parts), value)


def _segments(book: Book) -> Iterator[Identity]:
    """Amazon's segments; of property and equipment a fourth part belongs to no segment."""
    for (entity, segment, metric, basis, period), value in book.items():
        if entity != "amzn" or segment != "total":
            continue
        own = {"gaap": "segment"}.get(basis, basis)
        parts = [book.get((entity, name, metric, own, period)) for name in _SEGMENTS]
        corporate = book.get((entity, "corporate", metric, own, period))
        if metric in ("ppe_net", "ppe_net_additions"):
            parts.append(corporate)
        known = [part for part in parts if part is not None]
        if len(known) == len(parts):
            yield Identity("segments = total", f"{entity} {metric} {period}", sum(known), value)


def _net_capex(book: Book) -> Iterator[Identity]:
    for (entity, segment, metric, basis, period), gross in book.items():
        net = book.get((entity, segment, "capex", "net_of_proceeds", period))
        proceeds = book.get((entity, segment, "capex_proceeds_incentives", "as_reported", period))
        if (metric, basis) == ("capex", "gross_purchases") and net is not None and proceeds is not None:
            yield Identity("gross - proceeds = net", f"{entity} capex {period}", gross - proceeds, net)


def _free_cash(book: Book) -> Iterator[Identity]:
    for (entity, segment, metric, basis, period), free in book.items():
        if metric != "free_cash_flow":
            continue
        flow = book.get((entity, segment, "operating_cash_flow", "gaap", period))
        spent = [book.get((entity, segment, name, of, period)) for name, of in _FREE_CASH[basis]]
        known = [amount for amount in spent if amount is not None]
        if flow is not None and len(known) == len(spent):
            yield Identity("operating cash flow - capex = free cash flow", f"{entity} {basis} {period}", flow - sum(known), free)


def _property(book: Book) -> Iterator[Identity]:
    for (entity, segment, metric, basis, period), gross in book.items():
        if metric != "ppe_gross":
            continue
        get = {name: book.get((entity, segment, f"ppe_{name}", basis, period)) for name in ("net", "accumulated_depreciation")}
        net, worn = get["net"], get["accumulated_depreciation"]
        if net is not None and worn is not None:
            yield Identity("gross - accumulated depreciation = net", f"{entity} property {period}", gross - worn, net)
        classes = [
            book.get((entity, segment, f"ppe_{name}", basis, period))
            for name in ("land_and_buildings", "equipment", "other", "construction_in_progress")
        ]
        known = [amount for amount in classes if amount is not None]
        if len(known) == len(classes):
            yield Identity("classes = gross", f"{entity} property {period}", sum(known), gross)


def _statements(book: Book) -> Iterator[Identity]:
    lines: dict[str, dict[str, float]] = {}
    for (entity, segment, metric, basis, period), value in book.items():
        if (entity, segment) == ("amzn", "total"):
            lines.setdefault(period, {}).setdefault(f"capex/{basis}" if metric == "capex" else metric, value)
    for period, values in lines.items():
        for total, terms in LINES:
            if total in values and all(name in values for name in terms):
                yield Identity("statement lines", f"amzn {total} {period}", sum(sign * values[name] for name, sign in terms.items()), values[total])


def _earnings(book: Book, per_share: Book) -> Iterator[Identity]:
    for (entity, segment, metric, _, period), shares in per_share.items():
        income = book.get((entity, segment, "net_income", "gaap", period))
        earned = per_share.get((entity, segment, "eps_diluted", "gaap", period))
        if metric == "shares_diluted" and income is not None and earned is not None:
            yield Identity("net income / shares = earnings per share", f"{entity} {period}", income / shares, earned, tolerance=0.0051)
