"""Questions that several parts of a page ask of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from barbell.core import branch
from barbell.core.branch import foreseen
from barbell.core.case import Case
from barbell.core.horizon import Month
from barbell.core.nouns import Asset, Limit
from barbell.report.number import Money, money
from barbell.report.source import Source

_MEGA = {"kW": 1e-3, "MW": 1.0, "GW": 1e3}
TRUNK = branch.TRUNK
GRID = "grid"
"""Rung whose orders count as contracted power."""


def shown(case: Case) -> list[str]:
    """Labels of the periods that are reported: those of the trunk, where the future forks; the horizon is solved longer."""
    return [period.label for period in foreseen(case)]


def year_of(label: str) -> int:
    """Calendar year in which a period starts."""
    return Month.parse(label.partition("+")[0]).year


def years(case: Case) -> list[int]:
    """Calendar years that are reported."""
    return sorted({year_of(label) for label in shown(case)})


def last_of(case: Case) -> dict[int, str]:
    """Label of the last reported period of each year."""
    return {year_of(label): label for label in shown(case)}


def clock(case: Case) -> str:
    """Title of the axis of time: the length of the reported periods."""
    lengths = {period.months for period in foreseen(case)}
    return {12: "year", 6: "half-year", 3: "quarter", 1: "month"}.get(max(lengths, default=12), "period") if len(lengths) == 1 else "period"


def root(case: Case) -> str:
    """The entity above all others."""
    return next(e.name for e in case.tables.entities if not e.parent)


def segment(case: Case) -> str:
    """The entity that earns from the case's demands and contracts; the root if there is none or several."""
    earning = {d.entity for d in case.tables.demands} | {c.entity for c in case.tables.contracts}
    return next(iter(earning)) if len(earning) == 1 else root(case)


def assets(case: Case) -> Mapping[str, Asset]:
    """Assets by name."""
    return case.assets


def rung(case: Case, asset: str) -> str:
    """Rung of the ladder that an asset counted in megawatts belongs to: the first part of its name; empty for others."""
    found = assets(case)[asset]
    return asset.split("_", maxsplit=1)[0] if found.unit in _MEGA else ""


def mega(case: Case, asset: str) -> float:
    """Megawatts in one unit of an asset counted in power."""
    return _MEGA[assets(case)[asset].unit]


def rungs(case: Case) -> list[str]:
    """Rungs of the ladder in the order of the assets."""
    return list(dict.fromkeys(found for a in case.tables.assets if (found := rung(case, a.name))))


def chips(case: Case) -> list[str]:
    """Assets counted in chips, in the order of the assets."""
    return [a.name for a in case.tables.assets if a.unit.endswith("chip")]


def seen(source: Source, table: str) -> pl.DataFrame:
    """A table of the plan in the reported periods of the trunk."""
    labels = shown(source.case)
    return source.tables[table].filter((pl.col("scenario") == TRUNK) & pl.col("period").is_in(labels))


def totals(frame: pl.DataFrame, keys: Sequence[str], value: str = "value") -> dict[tuple[str, ...], float]:
    """Sums of a column by keys, in the order in which the keys appear."""
    found = frame.group_by(list(keys), maintain_order=True).agg(pl.col(value).sum())
    return {tuple(str(row[k]) for k in keys): float(row[value]) for row in found.iter_rows(named=True)}


def yearly(frame: pl.DataFrame, entity: str, line: str, scope: str = "consolidated") -> dict[int, float]:
    """A line of an entity by year."""
    found = frame.filter((pl.col("entity") == entity) & (pl.col("scope") == scope) & (pl.col("line") == line))
    return dict(zip(found["year"].to_list(), found["value"].to_list(), strict=True))


def split(frame: pl.DataFrame, entity: str, line: str) -> dict[str, dict[int, float]]:
    """The parts of a line (``capex: chips``) by year, by what follows the colon."""
    found = frame.filter((pl.col("entity") == entity) & (pl.col("scope") == "consolidated") & pl.col("line").str.starts_with(f"{line}: "))
    parts: dict[str, dict[int, float]] = {}
    for row in found.iter_rows(named=True):
        parts.setdefault(row["line"].partition(": ")[2], {})[row["year"]] = row["value"]
    return parts


def worth(source: Source) -> Money:
    """How the money of a run is shown everywhere on its page: by the size of its value and its capex."""
    capex = yearly(source.years, root(source.case), "capex")
    return money(source.case.money, [source.value, *capex.values()])


def total(values: Iterable[float]) -> float:
    """Sum of amounts."""
    return float(sum(values))


def leading(parts: Mapping[str, Mapping[str, float]], most: int) -> tuple[list[str], list[str]]:
    """Names with something in them: at most so many by the largest value they reach, in their own order, and the rest."""
    there = [name for name, values in parts.items() if any(abs(v) > 1e-9 for v in values.values())]
    ranked = sorted(there, key=lambda name: -max(abs(v) for v in parts[name].values()))
    kept = set(ranked if len(ranked) <= most else ranked[: most - 1])
    return [n for n in there if n in kept], [n for n in there if n not in kept]


def envelope(case: Case) -> dict[int, float]:
    """Capex envelopes of all programmes together by reported year, for the part of the year that the horizon covers; none where one has none.

    A limit on the spending of all programmes (`spend` terms of every one of them, by year) is an envelope too; the smaller holds.
    """
    found: dict[int, float] = {}
    for year in years(case):
        span = [p for p in case.horizon.periods if p.start.year == year]
        months = sum(p.months for p in span)
        rows = [p.envelope for p in case.tables.programmes]
        bounds = [sum(path.mean(p.start, p.months) * p.years for path in rows if path for p in span)] if rows and all(rows) else []
        yearly = [limit for limit in overall(case) if holds(limit, span[0].start)]
        bounds += [limit.bound.mean(span[0].start, months) for limit in yearly]
        if bounds:
            found[year] = min(bounds)
    return found


def overall(case: Case) -> list[Limit]:
    """Yearly limits on the spending of all programmes."""
    return [limit for limit in case.tables.limits if limit.window == "year" and _over_all(case, limit.name)]


def dollar(source: Source) -> dict[int, float]:
    """Value today of one more unit of the case's money in the envelope of each reported year that has one."""
    case = source.case
    names = {limit.name for limit in overall(case)} | {programme.name for programme in case.tables.programmes}
    frame = seen(source, "prices").filter(pl.col("kind").is_in(["limit", "envelope"]) & pl.col("item").is_in(sorted(names)))
    found = dict.fromkeys(envelope(case), 0.0)
    for period, price in frame.select("period", "price").iter_rows():
        if year_of(period) in found:
            found[year_of(period)] += price
    return found


def holds(limit: Limit, start: Month) -> bool:
    """Whether a limit holds for a window whose first period starts then."""
    return (not limit.starts or start >= Month.parse(limit.starts)) and (not limit.ends or start < Month.parse(limit.ends))


def _over_all(case: Case, limit: str) -> bool:
    """Whether a limit holds the spending of every programme below its bound."""
    terms = [t for t in case.tables.terms if t.limit == limit]
    sense = next(row.sense for row in case.tables.limits if row.name == limit)
    plain = all(t.measure == "spend" and t.coefficient == 1 and not t.place for t in terms)
    return sense != ">=" and plain and {t.item for t in terms} == {p.name for p in case.tables.programmes}
