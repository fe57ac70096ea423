"""Every number that a reader meets in a sentence, computed again from the frames of the run by other means."""

import re
from collections import defaultdict

import polars as pl
import pytest

from barbell.report.number import JOINED, SPACE, told
from barbell.report.page import sections
from tests.report import example

RUN = example.source()
PAGE = {section.name: section for section in sections(RUN)}
FIGURES = {figure.name: figure for section in PAGE.values() for figure in section.figures}
SHOWN = [f"{year}Q{n}" for year in range(2026, 2031) for n in range(1, 5)]
MW = {"land", "grid", "engines", "shell", "hall_legacy", "hall_air", "hall_liquid", "rack_air", "rack_liquid", "server"}
NUMBER = re.compile("(?<![\\w@])(?:\N{MINUS SIGN}\\$?)?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?(?![\\w])")


def numbers(text):
    """Plain numbers of a sentence, with their signs; names such as 2026Q1 or gb300 are none."""
    return [found.replace("$", "") for found in NUMBER.findall(text.replace(JOINED, ""))]


def bn(value):
    return told(value / 1000)


def share(value):
    return told(100 * value, 2 if abs(value) < 0.995 else 3)


def years(frame, line, entity="amazon", scope="consolidated"):
    rows = frame.filter((pl.col("line") == line) & (pl.col("entity") == entity) & (pl.col("scope") == scope))
    return {row["year"]: row["value"] for row in rows.to_dicts() if row["year"] <= 2030}


def table(name, **where):
    rows = [row for row in RUN.tables[name].to_dicts() if row["period"] in SHOWN and row["scenario"] == "trunk"]
    return [row for row in rows if all(row[key] == value for key, value in where.items())]


def fleet(period, names):
    return sum(row["value"] for row in table("fleet", period=period) if row["item"] in names)


CAPEX = years(RUN.years, "capex")
FREE = years(RUN.years, "free cash flow")
REVENUE = years(RUN.years, "revenue", "aws", "own")
INCOME = years(RUN.years, "operating income", "aws", "own")


def prices():
    """Price then by period, and price times amount in total, of each scarce thing."""
    then, worth = defaultdict(lambda: defaultdict(float)), defaultdict(float)
    for row in table("prices"):
        if row["kind"] != "account":
            name = f"{row['kind']} {row['item']}" + (f"@{row['place']}" if row["place"] else "")
            then[name][row["period"]] += row["price_then"]
            worth[name] += row["price"] * row["amount"]
    return then, worth


def served(market):
    """(Share served, highest rate served) of a market."""
    got, lost = defaultdict(float), 0.0
    for row in table("served", market=market):
        got[row["period"]] += row["served"]
        lost += row["lost"]
    if market == "frontier":
        for row in table("contracts"):
            got[row["period"]] += row["delivered"]
            lost += row["called"] - row["delivered"]
    waiting = sum(row["waiting"] for row in table("served", market=market, period="2030Q4"))
    return sum(got.values()) / (sum(got.values()) + lost + waiting), max(got.values())


def by_place(asset, period):
    found = {row["place"]: row["value"] for row in table("fleet", item=asset, period=period)}
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def orders():
    return [row for row in table("orders") if row["value"] > 1e-6]


def ordered(names, year=""):
    return sum(row["value"] for row in orders() if row["item"] in names and row["period"].startswith(year))


def placed():
    found = defaultdict(float)
    for row in RUN.projects.to_dicts():
        if row["ordered"] in SHOWN:
            found[row["place"]] += row["cost"]
    return max(found.values()) / sum(found.values())


def committed(year):
    return RUN.committed.filter(pl.col("year") == year)["value"].sum()


def cost():
    found = defaultdict(float)
    for row in RUN.cost.to_dicts():
        found[row["chip"]] += row["value"] if row["part"] != "all" else 0.0
    return found.values()


def expected():
    """Numbers of every message, in the order in which they are read."""
    then, worth = prices()
    chips, grid = set(example.CHIPS), by_place("grid", "2030Q4")
    top = max(chips, key=lambda n: fleet("2030Q4", {n}))
    racks = fleet("2030Q4", {"rack_air", "rack_liquid", "server"})
    low, high = (years(frame, "free cash flow")[2026] for frame in (RUN.low_years, RUN.high_years))
    flow = years(RUN.years, "operating cash flow")[2026]
    dearest = max(worth, key=worth.get)
    greedy = sum(RUN.greedy.parts.values())
    lost = max((row["lost"] + row["waiting"]) for row in RUN.reasons.to_dicts())
    found = {
        "orders-by-asset": [str(len({row["item"] for row in orders()}))],
        "orders-by-place": [share(placed())],
        "orders-where": [str(len({(row["item"], row["place"]) for row in orders()}))],
        "capex-by-class": ["2026", bn(CAPEX[2026]), share(CAPEX[2026] / 200_000), bn(200_000)],
        "capex-free": [share(1 - committed(2026) / CAPEX[2026]), "2026"],
        "ladder": [told(sum(grid.values()) / 1000), told(racks / 1000)],
        "chips": [told(fleet("2026Q1", chips)), told(fleet("2030Q4", chips)), share(fleet("2030Q4", {top}) / fleet("2030Q4", chips))],
        "reasons": [told(lost)],
        "prices": [bn(worth[dearest])],
        "bottlenecks": [str(len(RUN.bottlenecks))],
        "bridge": ["2026", bn(flow), bn(flow - CAPEX[2026])],
        "free-cash-flow": ["2026", bn(FREE[2026]), bn(low), bn(high), str(min(year for year, value in FREE.items() if value > 0))],
        "segment": ["2026", bn(REVENUE[2026]), share(REVENUE[2026] / 128_725 - 1), "2025", bn(REVENUE[2030]), "2030"],
        "margin": [share(INCOME[2026] / REVENUE[2026]), "2026", share(INCOME[2030] / REVENUE[2030]), "2030"],
        "sites": ["2030", share(sum(list(grid.values())[:3]) / sum(grid.values())), told(sum(grid.values()) / 1000)],
        "site-table": [told(max(p for name, found in then.items() if name.startswith("capacity grid") for p in found.values()))],
        "greedy": [bn(RUN.value - greedy), share(RUN.value / greedy - 1)],
        "nowcast": ["3", "4", "10", share(1_900 / 2_600 - 1)],
        "cost-per-gw": [bn(min(cost())), bn(max(cost()))],
        "facts": [str(RUN.assumptions.height), str((RUN.assumptions["grade"] == "S").sum())],
        "parts": [str(len(RUN.parts))],
    }
    return found | {f"demand-{market}": [share(served(market)[0]), told(served(market)[1])] for market in example.MARKETS}


EXPECTED = expected()


def test_every_message_is_checked():
    assert set(EXPECTED) == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_numbers_of_a_message(name):
    assert numbers(FIGURES[name].message) == EXPECTED[name]


def test_key_figures():
    tiles = {label: [*numbers(value), *numbers(meaning)] for label, value, meaning, _ in PAGE["headline"].tiles}
    low, high = (years(frame, "free cash flow")[2026] for frame in (RUN.low_years, RUN.high_years))
    assert tiles == {
        "Value of the plan": [bn(RUN.value), bn(RUN.value - sum(RUN.greedy.parts.values()))],
        "Capex 2026": [bn(CAPEX[2026]), share(CAPEX[2026] / 200_000)],
        "Grid in service, 2030Q4": [told(fleet("2030Q4", {"grid"}) / 1000), told(fleet("2026Q4", {"grid"}) / 1000)],
        "Free cash flow 2026": [bn(FREE[2026]), bn(low), bn(high)],
    }


def of_money(year):
    """Value of one more in the envelopes of a year: the prices of its periods together."""
    held = {programme.name for programme in RUN.case.tables.programmes}
    rows = RUN.tables["prices"].filter(pl.col("kind").is_in(["limit", "envelope"])).iter_rows(named=True)
    return sum(row["price"] for row in rows if row["period"].startswith(str(year)) and (row["item"] in held or row["item"] == "capex"))


def test_answers():
    worth = prices()[1]
    least = min(FREE, key=FREE.get)
    assert [numbers(sentence) for sentence in PAGE["headline"].sentences] == [
        [told(fleet("2030Q4", set(example.CHIPS)))],
        [share(served(market)[0]) for market in example.MARKETS],
        [bn(value) for value in sorted(worth.values(), reverse=True)[:3]],
        [text for year in FREE for text in (told(of_money(year), 2), str(year))],
        [str(least), bn(FREE[least]), bn(FREE[2030]), "2030"],
        [bn(REVENUE[2026]), "2026", bn(REVENUE[2030]), "2030"],
    ]


def test_sentence_of_the_build_calendar():
    chips, parts = set(example.CHIPS), []
    for names in (chips, {"grid"}):
        parts += [told(ordered(names, "2026")), told(ordered(names)), share(ordered(names, "2026") / ordered(names))]
    assert numbers(PAGE["build"].sentences[0]) == ["2026", *parts]


def test_sentence_of_the_ladder():
    under_way = {"2026Q4": 5 * 180.0, "2030Q4": 0.0}
    pairs = []
    for period, waits in under_way.items():
        coming = sum(  # two years from the order of a grid connection to its service
            row["value"] for row in table("orders", item="grid") if row["period"] <= period < f"{int(row['period'][:4]) + 2}{row['period'][4:]}"
        )
        rungs = [{n for n in MW if n.split("_")[0] == rung} for rung in ("grid", "land", "grid", "engines", "shell", "hall", "rack", "server")]
        amounts = [fleet(period, names) for names in rungs]
        pairs.append([told(amounts[0] + coming + waits), *(told(a) for a in amounts[1:])])
    assert numbers(PAGE["ladder"].sentences[0]) == [number for pair in zip(*pairs, strict=True) for number in pair]


def test_shares_of_reasons():
    for market in example.MARKETS:
        weight = defaultdict(float)
        for row in RUN.reasons.filter(pl.col("market") == market).to_dicts():
            weight[row["reason"], row["thing"]] += row["lost"] + row["waiting"]
        whole = sum(weight.values())
        assert numbers(FIGURES[f"demand-{market}"].notes[0]) == [share(value / whole) for value in sorted(weight.values(), reverse=True)[:2]]


def test_what_is_prescribed_is_told_apart():
    cost = sum(row["price"] * row["amount"] for row in table("prices", item="must spend"))
    assert FIGURES["prices"].notes[1].endswith(f"limit must spend (\N{MINUS SIGN}{JOINED}${bn(-cost)}{SPACE}bn).")
    assert "must spend" not in str(FIGURES["prices"].grid) + PAGE["headline"].sentences[2]


@pytest.mark.parametrize(
    ("reason", "kind", "thing", "cause", "said"),
    [
        ("scarce", "capacity", "grid", "lead time grid@va in 2026Q1", "grid (lead time)"),
        ("scarce", "capacity", "vr200", "limit supply_vr200 in 2028Q3", "vr200 (limit supply_vr200)"),
        ("scarce", "limit", "permits", "", "limit permits"),
        ("later", "", "", "", "it is better served later"),
        ("price", "capacity", "grid", "", "buyers pay less than serving costs"),
    ],
)
def test_a_cause_speaks_for_all_places_and_periods(reason, kind, thing, cause, said):
    from barbell.report.sections.demand import _cause

    assert _cause({"reason": reason, "thing_kind": kind, "thing": thing, "cause": cause}) == said


def test_a_row_of_every_table_is_what_the_frames_say():
    """Exact cells behind the shown ones, one table after the other."""

    def cells(name, *key):
        found = [row for row in FIGURES[name].grid.rows if tuple(cell.text for cell in row[: len(key)]) == key]
        return [cell.value for cell in found[0][FIGURES[name].grid.words :]]

    assert cells("capex-by-class", "chip")[3:] == pytest.approx([v / 1000 for v in years(RUN.years, "capex: chip").values()])
    assert cells("capex-by-class", "reported")[:3] == pytest.approx([48.133, 77.658, 128.32])
    assert cells("capex-by-class", "reported, 2026H1")[3] == pytest.approx(95.0)
    assert cells("ladder", "hall")[0] == pytest.approx(fleet("2026Q1", {n for n in MW if n.startswith("hall")}))
    assert cells("chips", "gb300") == pytest.approx([fleet(period, {"gb300"}) for period in SHOWN])
    assert cells("bridge", "tax") == pytest.approx([-v / 1000 for v in years(RUN.years, "tax").values()])
    assert cells("free-cash-flow", "base")[3:] == pytest.approx([v / 1000 for v in FREE.values()])
    assert cells("segment", "revenue", "reported, 2026H1")[3] == pytest.approx(78.9)
    assert cells("sites", "va") == pytest.approx([by_place("grid", f"{year}Q4")["va"] for year in range(2026, 2031)])
    chips = sum(row["value"] for row in table("fleet", place="va", period="2030Q4") if row["item"] in example.CHIPS)
    assert cells("site-table", "va")[-2] == pytest.approx(chips)
    assert cells("greedy", "capex") == pytest.approx([-843.0, -742.0, -101.0])
    assert cells("cost-per-gw", "vr200")[-1] == pytest.approx(51.9)
    assert cells("parts", "value") == pytest.approx([RUN.value / 1000])


def test_the_bridge_starts_where_the_line_before_ends_and_ends_at_free_cash_flow():
    from barbell.report.sections.cash import bridge

    for year, value in FREE.items():
        steps = bridge(RUN, year)
        sums = [n for n, (line, _, _) in enumerate(steps) if line in ("operating cash flow", "free cash flow")]
        for n, (_, start, _) in enumerate(steps):
            assert start == (0.0 if n == 0 or n in sums else pytest.approx(steps[n - 1][2]))
        assert steps[-1][2] == pytest.approx(value) and steps[sums[0]][2] == pytest.approx(years(RUN.years, "operating cash flow")[year])
        assert "other" not in [line for line, _, _ in steps]


def test_what_the_lines_leave_open_is_told():
    from dataclasses import replace

    from barbell.report.statement import steps

    short = replace(RUN, years=RUN.years.filter(pl.col("line") != "tax"))
    assert dict(steps(short, 2026))["other"] == pytest.approx(-years(RUN.years, "tax")[2026])
