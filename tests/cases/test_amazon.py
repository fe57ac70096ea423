"""The main job: Amazon's build-out on sourced numbers, from the command to the report. Slow tests share one run."""

import json
import re
from html import unescape

import polars as pl
import pytest

from barbell import facts
from barbell.core.errors import UnboundedError
from barbell.core.horizon import Month
from barbell.plan import Options, early_loss
from barbell.report.page import html
from barbell.report.source import source
from barbell.study import compare, headline, keep, known, plan, variants
from barbell.study import run as run_case
from barbell.study.chain import Book
from barbell.study.committed import free_share
from tests.cases import recompute
from tests.conftest import ROOT
from tests.report.test_opens import closed, tied

CASE = ROOT / "cases" / "amazon-2026"
PUBLISHED = 35_000, 60_000
"""All-in cost per GW of IT in MUSD, by chip generation (Epoch AI, Bernstein, Nvidia)."""


@pytest.fixture(scope="module")
def run():
    return run_case(CASE)


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    return keep(run, tmp_path_factory.mktemp("runs"), {"report.html": html(source(run))})


@pytest.fixture(scope="module")
def told(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["headline"]


def test_the_headline_says_what_is_asked(told, run):
    wanted = """case status objective_usd seconds peak_mb capex_by_year mw_in_service_by_quarter chips_in_service_by_quarter served_by_market
    unserved_by_market revenue_by_year operating_income_by_year free_cash_flow_by_year bottlenecks"""
    assert set(wanted.split()) <= told.keys()
    assert told["status"] == "optimal" and told["objective_usd"] == pytest.approx(run.plan.value * 1e6)
    assert list(told["capex_by_year"]) == ["2026", "2027", "2028", "2029", "2030"]
    assert {b["kind"] for b in told["bottlenecks"]} and all({"account_or_limit", "period", "price", "unit"} <= b.keys() for b in told["bottlenecks"])


def test_the_run_agrees_with_the_headline_kept_with_the_case(told):
    """A regression of the case as a whole; `BARBELL_GOLDEN=1` rewrites it after a change that is meant."""
    from os import environ

    path = CASE / "headline.json"
    kept = {name: told[name] for name in ("objective_usd", "greedy_usd", "capex_by_year", "revenue_by_year", "free_cash_flow_by_year")}
    if environ.get("BARBELL_GOLDEN"):
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    for name, value in json.loads(path.read_text(encoding="utf-8")).items():
        assert kept[name] == pytest.approx(value, rel=1e-4), name


def test_every_number_is_a_fact_or_an_assumption_with_its_range(run):
    """Amounts, prices, times and volumes in the tables refer to facts; 0, 1, shares of profiles and counts of steps may stand as they are."""
    plain = re.compile(r"-?(0|1)( .*)?")
    free = {("payments", "months"), ("price_steps", "step")}  # when an instalment falls due, and the number of a step
    numeric = re.compile(r"-?[0-9][0-9.]*( .*)?")
    bare = [
        (table, row, field, origin.text)
        for (table, row, field), origin in run.case.origins.items()
        if numeric.fullmatch(origin.text) and not plain.fullmatch(origin.text) and (table, field) not in free
        and field not in ("name", "service", "starts", "ends", "opens", "closes", "note", "source")
    ]  # fmt: skip
    assert bare == []
    ranged = [fact for fact in run.case.tables.facts if fact.grade == "S"]
    assert len(ranged) > 400 and all(fact.low and fact.high for fact in ranged)


def test_the_case_is_as_large_as_it_should_be(run):
    tables = run.case.tables
    sites = [place for place in tables.places if place.kind == "site"]
    chips = {asset.name for asset in tables.assets if asset.unit == "kchip"}
    supplied = {term.item for term in tables.terms if term.limit.startswith("supply_")}
    assert len(sites) >= 12 and len(chips) >= 10 and len(supplied) >= 9
    assert {"trainium2", "trainium3", "trainium4", "inferentia2", "h100", "h200", "b200", "gb200", "gb300", "vr200"} <= chips
    assert {take.resource for take in tables.takes} == {"packaging", "hbm"}
    assert run.case.horizon.labels[0] == "2026Q1" and run.case.horizon.report_end == Month.parse("2031")


# From the run's folder, without Barbell


def test_cash_recomputed_from_the_folder(folder, told):
    for name, found in (("capex_by_year", recompute.payments(folder)), ("free_cash_flow_by_year", recompute.free_cash(folder))):
        for year, value in told[name].items():
            assert found[year] * 1e6 == pytest.approx(value, rel=1e-6, abs=1e3), (name, year)


def test_energy_recomputed_from_the_folder(folder, told):
    found = recompute.energy(folder)
    assert min(told["energy_twh_by_year"].values()) > 50
    for year, value in told["energy_twh_by_year"].items():
        assert found[year] == pytest.approx(value, rel=1e-9), year


def test_chips_and_megawatts_recomputed_from_the_folder(folder, told):
    standing = recompute.standing(folder)
    for scale, name in ((1000.0, "chips_in_service_by_quarter"), (1.0, "mw_in_service_by_quarter")):
        for asset, by_period in told[name].items():
            for period, value in by_period.items():
                assert standing[asset, period] * scale == pytest.approx(value, rel=1e-9, abs=1e-6), (asset, period)


def test_what_arrives_is_what_stands_more(folder):
    """VR200 wear out only after the horizon shown: every step of the fleet is what entered service in that quarter."""
    standing, arrived = recompute.standing(folder), recompute.arrivals(folder)
    quarters = [f"{year}Q{q}" for year in range(2026, 2031) for q in range(1, 5)]
    before = 0.0
    for quarter in quarters:
        assert standing["vr200", quarter] - before == pytest.approx(arrived["vr200", quarter], rel=1e-6, abs=1e-6), quarter
        before = standing["vr200", quarter]


def test_the_totals_of_the_text_are_those_of_the_tables(folder, told):
    text = re.sub(r"\s+", " ", unescape((folder / "report.html").read_text(encoding="utf-8")))
    capex = told["capex_by_year"]["2026"] / 1e9
    assert f"Capex of 2026 is ${capex:.3g} bn" in text
    assert f"{told['capex_free_share_first_year']:.0%}".replace("%", " %") + " of the capex of 2026 is still free to decide" in text


# The question


@pytest.fixture(scope="module")
def envelopes():
    bound = "limits.capex_2026.bound"
    return compare(variants([str(CASE)], {}, {bound: [f"{n} GUSD2026" for n in (150, 200, 220)]}))


def test_a_larger_envelope_is_never_worse_and_the_price_of_cash_says_by_how_much(envelopes):
    small, middle, large = (answer.plan for answer in envelopes.answers)
    assert small.value < middle.value - 100
    assert middle.value <= large.value + 1e-6 * large.value
    prices = small.tables["prices"].filter((pl.col("item") == "capex_2026") & (pl.col("kind") == "limit"))
    price = prices["price"].sum()
    assert 0.005 < price < 1
    spent = envelopes.money.filter((pl.col("line") == "capex") & (pl.col("year") == 2026)).row(0)[3:]
    assert spent[0] == pytest.approx(150_000) and spent[1] > 170_000
    gain, more = middle.value - small.value, spent[1] - spent[0]
    assert 0 < gain <= price * more, "the price of the first dollar bounds what all the dollars bring"


def test_a_larger_envelope_serves_more_and_leaves_less_cash_in_its_year(envelopes):
    served = envelopes.served.filter(pl.col("market") == "train").sort("year")
    assert served.filter(pl.col("year") == 2027).row(0)[3] < served.filter(pl.col("year") == 2027).row(0)[5]
    cash = envelopes.money.filter((pl.col("line") == "free cash flow") & (pl.col("year") == 2026)).row(0)[3:]
    assert cash[0] > cash[1] >= cash[2] - 1
    halls = [
        answer.plan.tables["fleet"].filter((pl.col("item") == "hall_liquid") & (pl.col("period") == "2027Q1"))["value"].sum()
        for answer in envelopes.answers
    ]
    assert halls[0] < halls[1] <= halls[2] + 1


def test_money_for_nothing_is_told_at_once():
    """Debt below its fair rate and without a limit: the interior point alone would work on it until its time is up."""
    cheap = {"debts.bonds.limit": "", "debts.bonds.rate": "0.01", "debts.bonds.fair_rate": "0.05", "debts.bonds.fee": "0"}
    with pytest.raises(UnboundedError, match="draw bonds"):
        plan(CASE, cheap, options=Options(seconds=20))


@pytest.mark.parametrize("extra", [2, 4, 8])
def test_early_builds_do_not_hang_on_the_end_of_the_horizon(run, extra):
    found = early_loss(run.case, extra, "2027", plan=run.plan)
    assert found.free > run.plan.value * 0.9
    assert found.relative <= 1e-3


def test_part_of_the_first_year_is_committed_and_part_is_free(run):
    assert 0.2 < free_share(run.case, run.statements, 2026) < 0.8


def test_cost_per_gigawatt_lies_in_what_is_published_and_opens_to_its_parts(run):
    cost = run.cost.filter(pl.col("ordered") > 0.01)
    chips = cost["chip"].unique().to_list()
    assert len(chips) >= 4
    for chip in chips:
        parts = {row["part"]: row["value"] for row in cost.filter(pl.col("chip") == chip).to_dicts()}
        assert PUBLISHED[0] <= parts["all"] <= PUBLISHED[1], (chip, parts["all"])
        assert sum(value for part, value in parts.items() if part != "all") == pytest.approx(parts["all"])
        assert {"chips", "hall", "rack", "shell", "grid"} <= parts.keys()


def test_optimising_adds_to_greed(run):
    assert run.greedy is not None and 0 < run.greedy.value < run.plan.value


def test_the_ends_of_the_ranges_frame_the_value(run):
    def worth(years):
        return years.filter((pl.col("entity") == "aws") & (pl.col("line") == "operating income") & (pl.col("year") == 2030))["value"].sum()

    assert worth(run.low_years) < worth(run.statements.years) < worth(run.high_years)


# The nowcast


@pytest.fixture(scope="module")
def earlier():
    return run_case(CASE, {"as_of": "2026-02-10"})


def test_nothing_later_than_its_day_enters(earlier):
    assert earlier.case.as_of == "2026-02-10"
    assert max(fact.as_of for fact in earlier.case.tables.facts) <= "2026-02-10"
    bound = next(limit.bound for limit in earlier.case.tables.limits if limit.name == "capex_2026")
    assert bound.values == (200_000.0,)
    assert next(f for f in known("2026-08-01").values() if f.name == "amzn-capex_guide-2026").value == "220000"


def test_the_nowcast_stands_beside_what_was_reported(earlier):
    rows = {(row["metric"], row["period"]): row for row in earlier.nowcast.to_dicts()}
    assert {("aws revenue", "2026H1"), ("total capex", "2026H1"), ("aws ppe_net", "2026Q2")} <= rows.keys()
    reported = sum(float(facts.fact(f"amzn-aws-revenue-2026Q{q}").value) for q in (1, 2))
    row = rows["aws revenue", "2026H1"]
    assert row["reported"] == pytest.approx(reported) and row["planned"] == pytest.approx(row["reported"], rel=0.25)
    assert all(re.match(r"The plan is \d+% (above|below) what was reported\.", row["reason"]) for row in rows.values())


def test_a_case_of_today_has_no_nowcast(run):
    assert run.nowcast.is_empty()


def test_headline_of_an_earlier_day(earlier):
    assert headline(earlier)["as_of"] == "2026-02-10"


def test_every_line_of_the_statements_ties_down_to_its_facts(run):
    """Every line by year and period, with all that it rests on, worked out again from its inputs; about ten seconds."""
    book = Book(run.case, run.frames)
    lines = [name for name in book.names if name.startswith(("years/", "lines/"))]
    found = list(book.walk(*lines, "value", *(name for name in book.names if name.startswith(("headline/", "cost/", "nowcast/")))))
    ends = [node for node in found if node.address.startswith("@") and not node.proof.derived]
    assert len(found) > 50_000 and len(ends) > 200 and all(node.proof.source for node in ends)
    assert all(node.inputs or node.words or abs(node.value) < 1e-9 for node in found)


def test_every_number_of_the_report_opens_to_itself_in_less_than_three_megabytes(run, folder):
    made = source(run)
    assert closed(made) == [] and tied(made) == []
    assert (folder / "report.html").stat().st_size < 3_000_000
