"""An invented run, seeded, with everything that a page can show: 14 sites, 10 chips, 20 quarters reported and two years more solved.

The numbers are made up and tie with each other only as far as a page needs: a plan is not solved here.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

import polars as pl

from barbell.core.case import Case
from barbell.plan.prices import Bottleneck
from barbell.plan.tables import SCHEMA
from barbell.report.source import (
    ASSUMPTIONS,
    COMMITTED,
    COST,
    LINES,
    NOWCAST,
    PROJECTS,
    REASONS,
    REPORTED,
    YEARS,
    Baseline,
    Source,
)
from tests.small import build

SITES = ("va", "oh", "or", "in", "ms", "pa", "nc", "ga", "tx", "la", "de", "es", "ie", "jp")
CHIPS = ("a100", "h100", "h200", "b200", "gb200", "gb300", "vr200", "trainium2", "trainium3", "inferentia2")
LADDER = ("land", "grid", "engines", "shell", "hall_legacy", "hall_air", "hall_liquid", "rack_air", "rack_liquid", "server")
CLASS = {"land": "", "grid": "building", "engines": "building", "shell": "building", "server": "server"}
MARKETS = {"frontier": ("train", "EFLOP/s"), "production": ("production", "Mtok/s"), "inference": ("inference", "Mtok/s")}
MONEY = "MUSD2026"


@dataclass(frozen=True)
class Status:
    """As a plan has it."""

    method: str = "simplex"
    seconds: float = 4.2
    iterations: int = 12_345
    gap: float = 0.0
    columns: int = 21_000
    rows: int = 17_500
    nonzeros: int = 61_234
    accuracy: str = "primal 9.3e-12, dual 1.4e-12, gap 0.0e+00"


def case() -> Case:
    """The case: names, units and dates; few of its numbers matter to a page."""
    kinds = {name: CLASS.get(name, "hall" if name.startswith("hall") else "rack") for name in LADDER} | dict.fromkeys(CHIPS, "chip")
    assets = [
        {"name": n, "unit": "kchip" if n in CHIPS else "MW", "lead_months": 24 if n == "grid" else 6, "depreciation": c, "capex": 5.0}
        for n, c in kinds.items()
    ]  # fmt: skip
    places = [{"name": "world", "kind": "world"}] + [{"name": s, "kind": "site", "parent": "world"} for s in SITES]
    demands = [
        {"name": resource, "market": market, "resource": resource, "place": "world", "entity": "aws", "volume": 100.0}
        for market, (resource, _) in MARKETS.items()
    ]  # fmt: skip
    found = build(
        start="2026Q1", months=(3,) * 20 + (12, 12), report_end="2031", places=places, assets=assets, demands=demands,
        entities=[{"name": "amazon", "discount_rate": 0.08}, {"name": "aws", "parent": "amazon", "discount_rate": 0.08}],
        programmes=[{"name": "build", "entity": "aws", "envelope": "2026:200000 2027:215000 2028:225000 2029:230000 2030:235000 2031:240000"}],
        classes=[{"name": c, "months": 60} for c in dict.fromkeys(kinds.values()) if c],
        resources=[{"name": r, "unit": u, "kind": "flow", "level": "world"} for r, u in MARKETS.values()],
        options=[{"asset": a, "place": "site"} for a in kinds],
        contracts=[{"name": "lab", "market": "frontier", "resource": "train", "entity": "aws", "volume": 30.0, "price": 1.0, "term_months": 60,
                    "starts": "2026"}],
        cohorts=[{"name": f"grid-{s}", "asset": "grid", "place": s, "amount": 180.0, "service": "2027Q1"} for s in SITES[:5]],
    )  # fmt: skip
    return replace(found, name="example", question="What does an envelope of 200 billion dollars buy in 2026, and when does it serve?")


@lru_cache(maxsize=1)
def source() -> Source:
    """The whole run."""
    r, c = Random(7), case()
    years, projects = _years(r), _projects(r, c)
    return Source(
        case=c, value=412_345.6, parts={"revenue": 1_310_000.0, "variable cost": -98_000.0, "fixed opex": -61_000.0, "capex": -843_000.0,
                                         "tax": -71_000.0, "closing: assets in service": 175_345.6},
        status=Status(), tables=_tables(r, c), lines=pl.DataFrame(schema=LINES), years=years, projects=projects, committed=_committed(),
        low_years=_scaled(years, 0.82), high_years=_scaled(years, 1.12), greedy=_greedy(), reasons=_reasons(r, c), bottlenecks=_bottlenecks(),
        reported=_reported(), assumptions=_assumptions(), nowcast=_nowcast(), cost=_cost(),
        not_modelled=("earnings per share", "leases"), seconds=18.4, peak_mb=612.0,
    )  # fmt: skip


def _frame(rows, schema):
    return pl.DataFrame(rows, schema=schema, orient="row")


def _tables(r, c):
    labels = c.horizon.labels
    orders, fleet, served, contracts, prices = [], [], [], [], []
    for n, site in enumerate(SITES):
        size = 2.2 / (1 + 0.35 * n)
        for name in (*LADDER, *CHIPS):
            scale, first = _scale(name), r.randint(0, 6)
            level = 0.0 if name in ("vr200", "trainium3", "gb300") else 40 * size * scale
            for t, label in enumerate(labels):
                grows = t >= first and name not in ("a100", "h100", "hall_legacy", "inferentia2")
                order = round(size * scale * r.uniform(2, 14), 3) if grows and r.random() < 0.55 else 0.0
                level = level * (0.96 if name in ("a100", "h100") else 1.0) + order
                unit = "kchip" if name in CHIPS else "MW"
                orders.append(("trunk", label, name, site, "order", order, unit))
                fleet.append(("trunk", label, name, site, "all", level, unit))
    for market, (resource, unit) in MARKETS.items():
        for t, label in enumerate(labels):
            asked = 100 * 1.09**t
            got = min(asked, 60 * 1.13**t)
            waits = 0.4 * (asked - got)
            served.append(("trunk", label, resource, "world", market, 1, 1.0, asked, got, waits, asked - got - waits, unit))
    for t, label in enumerate(labels):
        contracts.append(("trunk", label, "lab", "world", 0.0, 30.0, 30.0 if t else 24.0, "EFLOP/s"))
    things = [("capacity", name, site, "MUSD2026/MW") for name, site in [("grid", s) for s in SITES[:7]] + [("hall_liquid", s) for s in SITES[:4]]]
    things += [("limit", "supply gb300", "", "MUSD2026/kchip"), ("limit", "packaging 2026", "", "MUSD2026/kslot"), ("envelope", "build", "", MONEY)]
    for n, (kind, item, place, unit) in enumerate(things):
        for t, label in enumerate(labels):
            if r.random() < 0.7:
                price = 20 / (1 + n) * max(0.0, 1.2 - t / 20) * r.uniform(0.6, 1.1)
                prices.append(("trunk", label, kind, item, place, "", price, price * 1.02**t, 800.0 / (1 + n), unit))
    prices += [("trunk", label, "limit", "must spend", "", "", -0.2, -0.2, 9_000.0, MONEY) for label in labels]
    prices.append(("trunk", labels[0], "account", "train", "world", "", 99.0, 99.0, 50.0, "MUSD2026/EFLOP/s"))
    rows = {"orders": orders, "fleet": fleet, "served": served, "contracts": contracts, "prices": prices}
    return {name: pl.DataFrame(rows.get(name, []), schema=shape, orient="row") for name, shape in SCHEMA.items()}


def _scale(name):
    if name in CHIPS:
        return {"trainium2": 2.6, "trainium3": 3.1, "gb300": 1.4, "vr200": 1.0, "gb200": 0.8}.get(name, 0.3)
    return {"land": 3.4, "grid": 2.3, "engines": 0.2, "shell": 1.8, "hall_liquid": 0.9, "rack_liquid": 0.9}.get(name, 0.45)


def _years(r):
    rows = []

    def add(entity, scope, year, line, value):
        rows.append((entity, scope, year, line, value, MONEY if line != "operating margin" else "1"))

    for n, year in enumerate(range(2026, 2033)):
        revenue = 172_000 * 1.24**n
        costs = {"variable cost": 0.08 * revenue, "fixed opex": 0.3 * revenue, "tax": 0.04 * revenue, "interest": 2_500.0 + 800 * n}
        capex = {"chip": 92_000.0 + 5_000 * n, "server": 21_000.0, "rack": 17_000.0 + 900 * n, "hall": 24_000.0, "building": 31_000.0 + 2_000 * n,
                 "satellites": 4_000.0, "robots": 3_000.0, "not depreciated": 6_500.0 - 200 * n}  # fmt: skip
        operating = 96_000 * 1.03**n + revenue - sum(costs.values())
        for entity, scope in (("amazon", "consolidated"), ("aws", "own")):
            add(entity, scope, year, "revenue", revenue)
            for market, share in zip(MARKETS, (0.35, 0.4, 0.25), strict=True):
                add(entity, scope, year, f"revenue: {market}", share * revenue)
            for line, value in costs.items():
                add(entity, scope, year, line, value)
            add(entity, scope, year, "base business cash", 96_000 * 1.03**n if entity == "amazon" else 0.0)
            for name, value in capex.items():
                add(entity, scope, year, f"capex: {name}", value)
            add(entity, scope, year, "capex", sum(capex.values()))
            add(entity, scope, year, "operating income", (0.33 - 0.01 * n) * revenue)
            add(entity, scope, year, "operating cash flow", operating)
            add(entity, scope, year, "free cash flow", operating - sum(capex.values()))
    return _frame(rows, YEARS)


def _scaled(years, factor):
    """Worse or better years: free cash flow moves by a share of operating cash flow."""
    operating = years.filter(pl.col("line") == "operating cash flow").select("entity", "scope", "year", pl.col("value").alias("flow"))
    moved = pl.col("value") + (factor - 1) * pl.col("flow")
    free = years.filter(pl.col("line") == "free cash flow").join(operating, on=["entity", "scope", "year"])
    return free.with_columns(moved.alias("value")).drop("flow").select(list(YEARS))


def _projects(r, c):
    labels = c.horizon.labels
    rows, number = [], 0
    for n, site in enumerate(SITES[:5]):
        rows.append((number, f"cohort grid-{site}", "build", "grid", site, "", "2027Q1", 180.0, "MW", 30_000.0 / (1 + n)))
        number += 1
    for n, site in enumerate(SITES):
        for t, label in enumerate(labels[:-1]):
            cost = round(9_000 / (1 + 0.4 * n) * r.uniform(0.2, 1.4), 2)
            if r.random() < 0.6:
                rows.append((number, "order", "build", "gb300", site, label, labels[min(t + 2, len(labels) - 1)], cost / 50, "kchip", cost))
                number += 1
    return _frame(rows, PROJECTS)


def _committed():
    return _frame([(2026, 121_000.0, MONEY), (2027, 48_000.0, MONEY), (2028, 9_000.0, MONEY)], COMMITTED)


def _greedy():
    parts = {"revenue": 1_120_000.0, "variable cost": -84_000.0, "fixed opex": -55_000.0, "capex": -742_000.0, "tax": -60_000.0,
             "closing: assets in service": 160_000.0}  # fmt: skip
    return Baseline(sum(parts.values()), parts)


def _reasons(r, c):
    rows = []
    for market, (resource, unit) in MARKETS.items():
        for label in c.horizon.labels[:9]:
            for reason, kind, thing, place, cause in (
                ("scarce", "limit", "supply gb300", "", ""),
                ("scarce", "capacity", "grid", "va", "lead time grid@va in 2026Q1"),
                ("price", "", "", "", ""),
            ):
                lost = r.uniform(0, 20)
                said = f"{kind} {thing} is short" if thing else "buyers pay less than serving costs"
                rows.append(("trunk", market, resource, "world", label, lost, lost / 2, unit, reason, kind, thing, place, cause, said))
    return _frame(rows, REASONS)


def _bottlenecks():
    return tuple(
        Bottleneck(
            "capacity", "grid", site, "trunk", f"202{6 + n}Q2", "", 12.3 - n, 13.1 - n, 11.0 - n, 12.5 - n, 900.0, 900 * (12.3 - n), "MUSD2026/MW"
        )
        for n, site in enumerate(SITES[:4])
    )


def _reported():
    rows = []

    def add(segment, metric, basis, period, value, as_of):
        rows.append(("amzn", segment, metric, basis, period, value, f"MUSD{period[:4]}", as_of, f"release {as_of}", "A"))

    for year, gross, net, ocf, revenue, income in ((2023, 52_729, 48_133, 84_946, 90_757, 24_631), (2024, 82_999, 77_658, 115_877, 107_556, 39_834),
                                                    (2025, 131_819, 128_320, 139_514, 128_725, 45_606)):  # fmt: skip
        day = f"{year + 1}-02-05"
        add("total", "capex", "gross_purchases", str(year), gross, day)
        add("total", "capex", "net_of_proceeds", str(year), net, day)
        add("total", "free_cash_flow", "ocf_less_net_capex", str(year), ocf - net, day)
        add("total", "operating_cash_flow", "gaap", str(year), ocf, day)
        add("aws", "operating_income", "segment", str(year), income, day)
        for n in range(1, 5):
            add("aws", "revenue", "segment", f"{year}Q{n}", revenue / 4, day)
    add("aws", "revenue", "segment", "2026Q1", 37_600.0, "2026-04-30")
    add("aws", "revenue", "segment", "2026Q2", 41_300.0, "2026-07-30")
    add("total", "free_cash_flow", "ocf_less_net_capex", "2026H1", -12_000.0, "2026-07-30")
    add("total", "capex", "net_of_proceeds", "2026Q1", 43_000.0, "2026-04-30")
    add("total", "capex", "net_of_proceeds", "2026Q2", 52_000.0, "2026-07-30")
    return _frame(rows, REPORTED)


def _assumptions():
    rows = [
        (f"assumed-share_{n}", "0.5", "1", "0.35", "0.65", "S", "own assumption: the middle of what operators report", f"processes.serve_{n}.rate")
        for n in range(24)
    ]  # fmt: skip
    rows.append(("chip-h100-tdp", "700", "W", None, None, "A", "data sheet", "uses.a.b, uses.c.d, uses.e.f, uses.g.h, uses.i.j"))
    return _frame(rows, ASSUMPTIONS)


def _nowcast():
    money, day = "MUSD2026", "release 2026-07-30"
    rows = [
        ("revenue of aws", "2026H1", 74_100.0, 76_000.0, 78_900.0, money, "segment", day, "Growth was faster than the backlog shows."),
        ("capex", "2026H1", 98_000.0, 96_500.0, 95_000.0, money, "net of proceeds", day, "The plan pays orders under way evenly."),
        ("net property of aws", "2026H1", 240_000.0, 243_000.0, 251_000.0, money, "as reported", day, "Leases are not modelled."),
        ("megawatts added", "2026H1", 1_900.0, None, 2_600.0, "MW", "as reported", day, "Announced megawatts count contracts."),
    ]
    return _frame(rows, NOWCAST)


def _cost():
    parts = {"land": 300.0, "grid": 900.0, "shell": 4_000.0, "hall": 7_600.0, "rack": 3_100.0}
    chips = {"gb200": 26_000.0, "gb300": 29_500.0, "vr200": 36_000.0, "trainium2": 15_000.0, "trainium3": 18_200.0}
    return _frame(
        [
            (chip, part, value, f"{MONEY}/GW")
            for chip, price in chips.items()
            for part, value in (*parts.items(), ("chips", price), ("all", price + sum(parts.values())))
        ],
        COST,
    )
