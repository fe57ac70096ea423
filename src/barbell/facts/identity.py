"""Sums that must hold between figures: quarters and years, segments and totals, cash flows, balance sheets.

A wrong digit in a guarded figure breaks at least one of them. Each identity is looked for wherever all its figures exist, and none
is built over two bases of one metric. Figures that lost against another source take no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from barbell.facts.bend import bends
from barbell.facts.earnings import per_share, tax
from barbell.facts.figure import Figure
from barbell.facts.statement import LINES
from barbell.facts.store import latest
from barbell.facts.tie import Book, Identity

_SEGMENTS = ("aws", "north_america", "international")
_FREE_CASH = {
    "ocf_less_net_capex": (("capex", "net_of_proceeds"),),
    "ocf_less_cash_capex": (("capex", "cash_purchases"),),
    "ocf_less_capex_less_finance_lease_principal": (("capex", "cash_purchases"), ("finance_lease_principal", "as_reported")),
}
_CLASSES = (
    ("land_and_buildings", "equipment", "other", "construction_in_progress"),
    ("technical_infrastructure", "office", "other", "not_yet_in_service"),
)
"""Classes of property that make up the gross amount: Amazon's and Alphabet's."""
_LATE_YEAR = {"msft": ("Q3", "Q4", "Q1", "Q2")}
"""Calendar quarters of a fiscal year that begins in the calendar year before."""


def identities(rows: Iterable[Figure]) -> tuple[Identity, ...]:
    """Every identity whose figures are among `rows`, in their latest version."""
    usable = [row for row in latest(rows, "9999-12-31") if "-alt" not in row.name and row.period]
    money: Book = {row.about: row.number for row in usable if row.unit.startswith("MUSD") and "/" not in row.unit}
    each: Book = {row.about: row.number for row in usable if row.metric.startswith(("eps_", "shares_"))}
    pure: Book = {row.about: row.number for row in usable if row.unit == "1"}
    found = [identity for rule in _RULES for identity in rule(money)]
    return (*found, *tax(money, pure), *per_share(money, each))


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
        for names in _CLASSES:
            classes = [book.get((entity, segment, f"ppe_{name}", basis, period)) for name in names]
            known = [amount for amount in classes if amount is not None]
            if len(known) == len(classes):
                yield Identity("classes = gross", f"{entity} property {period}", sum(known), gross)


def _classes(book: Book) -> Iterator[Identity]:
    """Where the gross amount itself is not on record: classes less accumulated depreciation against what is left."""
    for (entity, segment, metric, basis, period), worn in book.items():
        if metric != "ppe_accumulated_depreciation" or (entity, segment, "ppe_gross", basis, period) in book:
            continue
        net = book.get((entity, segment, "ppe_net", basis, period))
        for names in _CLASSES:
            known = [book[key] for name in names if (key := (entity, segment, f"ppe_{name}", basis, period)) in book]
            if net is not None and len(known) == len(names):
                yield Identity("classes - accumulated depreciation = net", f"{entity} property {period}", sum(known) - worn, net)


def _leases(book: Book) -> Iterator[Identity]:
    """Capex with the principal of finance leases, less the purchases in cash, is that principal; also over halves and years."""
    for (entity, segment, metric, basis, period), principal in book.items():
        if metric != "finance_lease_principal":
            continue
        spans = _parts(entity, period) or (period,)
        pairs = [tuple(book.get((entity, segment, "capex", of, span)) for of in ("incl_finance_lease_principal", "cash_purchases")) for span in spans]
        gaps = [whole - cash for whole, cash in pairs if whole is not None and cash is not None]
        if len(gaps) == len(spans) and basis == "as_reported":
            yield Identity("capex with leases - purchases = lease principal", f"{entity} {period}", sum(gaps), principal, tolerance=2.0)


def _outlay(book: Book) -> Iterator[Identity]:
    """Oracle's outlay: purchases less what customers prepaid and what is financed short-term."""
    for (entity, segment, metric, basis, period), net in book.items():
        if metric != "net_cash_outlay_for_capex":
            continue
        gross = book.get((entity, segment, "capex", "cash_purchases", period))
        less = [book.get((entity, segment, f"capex_less_{name}", basis, period)) for name in ("customer_prepayments", "short_term_financing")]
        known = [amount for amount in less if amount is not None]
        if gross is not None and len(known) == len(less):
            yield Identity("purchases - prepaid - financed = outlay", f"{entity} {period}", gross - sum(known), net)


def _statements(book: Book) -> Iterator[Identity]:
    lines: dict[str, dict[str, float]] = {}
    for (entity, segment, metric, basis, period), value in book.items():
        if (entity, segment) == ("amzn", "total"):
            lines.setdefault(period, {}).setdefault(f"capex/{basis}" if metric == "capex" else metric, value)
    for period, values in lines.items():
        for total, terms in LINES:
            if total in values and all(name in values for name in terms):
                yield Identity("statement lines", f"amzn {total} {period}", sum(sign * values[name] for name, sign in terms.items()), values[total])


_RULES: tuple[Callable[[Book], Iterator[Identity]], ...] = (
    _quarters, _trailing, _segments, _net_capex, _free_cash, _property, _classes, _leases, _outlay, _statements, bends,
)  # fmt: skip
"""Rules over amounts of money alone."""
