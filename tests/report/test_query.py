"""What the parts of a page ask of a run, on cases small enough to check by hand."""

from dataclasses import replace

import polars as pl
import pytest

from barbell.core.horizon import Month
from barbell.report import actual, query
from barbell.report.source import REPORTED, Source
from tests.report import example
from tests.small import build


def source(case, **frames):
    return Source(case=case, value=0.0, parts={}, status=example.Status(), tables={}, **frames)


def test_reported_periods_and_their_years():
    case = build(start="2026Q3", months=(3, 3, 3, 12), report_end="2027Q2")
    assert query.shown(case) == ["2026Q3", "2026Q4", "2027Q1"] and query.years(case) == [2026, 2027]
    assert query.last_of(case) == {2026: "2026Q4", 2027: "2027Q1"} and query.clock(case) == "quarter"


@pytest.mark.parametrize(("months", "word"), [((12, 12), "year"), ((6, 6), "half-year"), ((1, 1), "month"), ((5, 5), "period"), ((3, 12), "period")])
def test_the_axis_of_time_is_named_by_the_length_of_periods(months, word):
    assert query.clock(build(months=months)) == word


def test_periods_of_odd_lengths_have_a_year():
    assert query.year_of("2026-11+5m") == 2026 and query.year_of("2027H2") == 2027


def test_rungs_and_chips_follow_the_units_of_assets():
    names = (("grid", "MW"), ("hall_air", "MW"), ("hall_liquid", "GW"), ("h100", "kchip"), ("robot", "robot"))
    case = build(assets=[{"name": name, "unit": unit} for name, unit in names])
    assert query.rungs(case) == ["grid", "hall"] and query.chips(case) == ["h100"]
    assert query.mega(case, "hall_liquid") == 1000 and query.rung(case, "robot") == ""


def test_the_segment_is_who_earns():
    firms = [{"name": "group", "discount_rate": 0.1}, {"name": "part", "parent": "group", "discount_rate": 0.1}]
    demand = {"name": "d", "resource": "tok", "volume": 1.0, "entity": "part"}
    programmes = [{"name": "build", "entity": "group"}]
    assert query.segment(build(entities=firms, programmes=programmes, demands=[demand])) == "part"
    assert query.segment(build(entities=firms, programmes=programmes)) == query.root(build(entities=firms)) == "group"


def test_envelopes_of_programmes_add_up_for_the_part_of_the_year_in_the_horizon():
    firm = [{"name": "firm", "discount_rate": 0.1}]
    programmes = [{"name": "a", "entity": "firm", "envelope": "2026:100 2027:200"}, {"name": "b", "entity": "firm", "envelope": 40.0}]
    case = build(start="2026H2", months=(6, 12), entities=firm, programmes=programmes)
    assert query.envelope(case) == {2026: 70.0, 2027: 240.0}
    assert query.envelope(build(entities=firm, programmes=[*programmes, {"name": "c", "entity": "firm"}])) == {}


@pytest.mark.parametrize(("sense", "starts", "expected"), [("<=", "", {2026: 50.0, 2027: 50.0}), (">=", "", {}), ("<=", "2027", {2027: 50.0})])
def test_a_limit_on_all_spending_is_an_envelope(sense, starts, expected):
    limits = [{"name": "cap", "unit": "MUSD2026", "sense": sense, "bound": 50.0, "window": "year", "starts": starts}]
    case = build(limits=limits, terms=[{"limit": "cap", "measure": "spend", "item": "build"}])
    assert query.envelope(case) == expected


def test_a_limit_on_some_spending_is_none():
    limits = [{"name": "cap", "unit": "MUSD2026", "bound": 50.0, "window": "year"}]
    programmes = [{"name": "build", "entity": "firm"}, {"name": "other", "entity": "firm"}]
    case = build(programmes=programmes, limits=limits, terms=[{"limit": "cap", "measure": "spend", "item": "build"}])
    assert query.envelope(case) == {}


def test_the_leading_parts_keep_their_order():
    parts = {"a": {"x": 1.0}, "b": {"x": 0.0}, "c": {"x": -5.0}, "d": {"x": 3.0}}
    assert query.leading(parts, 3) == (["a", "c", "d"], []) and query.leading(parts, 2) == (["c"], ["a", "d"])


def rows(*found):
    return pl.DataFrame([("x", *row) for row in found], schema=REPORTED, orient="row")


def test_published_figures_take_the_best_basis_and_the_latest_version():
    frame = rows(
        ("total", "capex", "gross_purchases", "2025", 9_000.0, "MUSD2025", "2026-02-05", "s", "A"),
        ("total", "capex", "net_of_proceeds", "2025", 8_000.0, "MUSD2025", "2026-03-01", "late", "A"),
        ("total", "capex", "net_of_proceeds", "2025", 7_000.0, "MUSD2025", "2026-02-05", "s", "A"),
        ("total", "capex", "net_of_proceeds", "ttm2025Q4", 2.0, "MUSD2025", "2026-02-05", "s", "A"),
        ("AWS", "capex", "net_of_proceeds", "2025", 1.0, "MUSD2025", "2026-02-05", "s", "A"),
    )
    found = actual.published(source(build(), reported=frame), "capex", "firm")
    assert found == {"2025": actual.Actual("2025", 8_000.0, "net_of_proceeds", "late", "2026-03-01")}


def test_published_figures_come_in_the_size_of_the_cases_money():
    frame = rows(("total", "capex", "odd", "2025", 9.0, "GUSD2025", "2026-02-05", "s", "A"))
    case = replace(build(), money="kUSD2026")
    assert actual.published(source(case, reported=frame), "capex", "firm")["2025"].value == pytest.approx(9e6)


def test_a_year_is_four_quarters_and_a_half_is_two_or_none():
    one = {f"2025Q{n}": actual.Actual(f"2025Q{n}", float(n), "b", "s", f"2025-0{n}-30") for n in range(1, 5)}
    assert actual.by_year(one)[2025].value == 10 and actual.by_year(one)[2025].as_of == "2025-04-30"
    assert actual.first_half(one, 2025).value == 3 and actual.first_half(one, 2026) is None
    del one["2025Q3"]
    assert actual.by_year(one) == {}


def test_only_the_last_years_before_the_plan_are_shown():
    found = {year: actual.Actual(str(year), 1.0, "b", "s", "2026-01-01") for year in range(2020, 2028)}
    assert list(actual.before(build(start="2026"), found)) == [2023, 2024, 2025]


def test_a_limit_holds_between_its_dates():
    limits = [{"name": "must", "unit": "MUSD2026", "sense": "=", "bound": 50.0, "window": "year", "starts": "2027", "ends": "2028"}]
    limit = build(limits=limits).tables.limits[0]
    assert [query.holds(limit, Month.parse(year)) for year in ("2026", "2027", "2028")] == [False, True, False]


def test_a_tree_is_shown_up_to_where_futures_part():
    branches = [{"name": name, "opens": "2027Q1", "probability": 0.5} for name in ("high", "low")]
    later = [{"name": f"low-{n}", "parent": "low", "opens": "2027Q3", "probability": 0.5} for n in range(2)]
    case = build(start="2026Q3", months=(3,) * 6, scenarios=[*branches, *later])
    assert query.shown(case) == ["2026Q3", "2026Q4"] and query.years(case) == [2026]
