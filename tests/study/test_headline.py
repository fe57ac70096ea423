"""The figures of a run, each summed by hand."""

import json
from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest

from barbell.core.finite import finite
from barbell.core.nouns import Asset, Process, Resource
from barbell.core.relations import Contract, Option, ProcessRate, Scenario
from barbell.study import headline, run
from barbell.study.headline import by_market, energy, shown, standing
from tests.small import built, case, horizon, market, number


def frame(*rows, scenario="trunk", **fixed):
    """Rows of a result table of the trunk."""
    return pl.DataFrame([{"scenario": scenario, **fixed, **row} for row in rows])


SERVED = {"market": pl.String, "unit": pl.String, "scenario": pl.String, "period": pl.String, "served": pl.Float64, "lost": pl.Float64}
SIGNED = {"item": pl.String, "unit": pl.String, "scenario": pl.String, "period": pl.String, "called": pl.Float64, "delivered": pl.Float64}


def sales(served=(), signed=()):
    """Tables of sales: (market, period, served, lost) and (contract, period, called, delivered)."""
    return {
        "served": pl.DataFrame([(m, "MW", "trunk", p, s, x) for m, p, s, x in served], schema=SERVED, orient="row"),
        "contracts": pl.DataFrame([(c, "MW", "trunk", p, a, d) for c, p, a, d in signed], schema=SIGNED, orient="row"),
    }


def test_the_toy_by_hand(toy):
    """docs/guide/toy.md; 5 and 7.5 MW drawn through a year of 8,760 hours."""
    found = headline(toy)
    assert (found["case"], found["status"], found["money"], found["as_of"]) == ("toy", "optimal", "USD2026", "2026-01-01")
    assert found["objective_usd"] == pytest.approx(219.18e6, abs=5e3) == pytest.approx(found["greedy_usd"], abs=5e3)
    assert found["mw_in_service_by_quarter"] == {"hall": pytest.approx({"2026": 5, "2027": 7.5})}
    assert found["served_by_market"] == {
        "frontier [kchip]": pytest.approx({"2026": 2, "2027": 4}),
        "inference [kchip]": pytest.approx({"2026": 2, "2027": 2}),
    }
    assert found["energy_twh_by_year"] == pytest.approx({"2026": 5 * 8760e-6, "2027": 7.5 * 8760e-6})
    assert found["operating_income_by_year"] == pytest.approx({"2026": 109.5e6, "2027": 174.2e6}), "revenue, less costs and 24 or 36.3 + 5 a year"
    assert found["free_cash_flow_by_year"] == pytest.approx({"2026": -32.4e6, "2027": 122.66e6})
    assert found["capex_free_share_first_year"] == 1.0


def test_bottlenecks_are_priced_in_dollars_of_their_period(toy):
    grid = next(b for b in headline(toy)["bottlenecks"] if b["account_or_limit"] == "grid")
    assert (grid["kind"], grid["period"], grid["unit"], grid["amount"]) == ("limit", "2027", "USD2026/MW", pytest.approx(7.5))
    assert grid["price_today"] == pytest.approx(10.456e6, rel=1e-3) and grid["price"] == pytest.approx(grid["price_today"] * 1.1**1.5)
    assert grid["low_today"] <= grid["price_today"] * (1 + 1e-9) and grid["price_today"] <= grid["high_today"] * (1 + 1e-9)


def test_money_of_any_size_is_told_in_whole_units(own, toy):
    for file in own.rglob("*"):
        file.write_text(file.read_text(encoding="utf-8").replace("MUSD2026", "kEUR2026"), encoding="utf-8")
    found, dollars = headline(run(own)), headline(toy)
    assert found["money"] == "EUR2026"
    assert found["objective_usd"] == pytest.approx(dollars["objective_usd"] / 1000)
    assert found["bottlenecks"][0]["price"] == pytest.approx(dollars["bottlenecks"][0]["price"] / 1000)


def test_a_plan_in_whole_blocks_tells_its_gap_and_greed_may_have_none(toy):
    plan = SimpleNamespace(case=toy.case, tables=toy.plan.tables, value=1.0, status=SimpleNamespace(gap=0.01))
    found = headline(replace(toy, plan=plan, greedy=None))
    assert found["status"] == "within 1.00%" and found["greedy_usd"] is None


def test_where_the_future_forks_the_figures_end(tree):
    """The fork is in 2027: nothing that differs between the branches is told as one number, nor as zero."""
    assert shown(tree.case) == ["2026"]
    found = headline(tree)
    assert found["capex_by_year"] == {"2026": pytest.approx(30e6)} and found["free_cash_flow_by_year"] == {"2026": pytest.approx(-30e6)}
    assert all(list(years) == ["2026"] for years in found["served_by_market"].values())
    json.dumps(finite(found), allow_nan=False)


def test_units_in_service_are_megawatts_and_chips():
    usual = built()
    (hall,) = usual["assets"]

    def asset(name, unit):
        return Asset(name=name, unit=unit, capex=1.0, programme="build", life_months=60)

    more = (asset("plant", "GW"), asset("chip", "kchip"), asset("pod", "rack"), asset("spare", "MW"))
    options = (*usual["options"], *(Option(asset=one.name, place="va") for one in more))
    made = case(horizon(12), **{**usual, "assets": (hall, *more), "options": options})
    rows = [{"item": "hall", "value": 2.0}, {"item": "hall", "value": 3.0}, {"item": "plant", "value": 0.5}, {"item": "chip", "value": 4.0},
            {"item": "pod", "value": 9.0}]  # fmt: skip
    fleet = pl.concat([frame(*rows, period="2026"), frame({"item": "hall", "value": 7.0}, scenario="high", period="2026")], how="diagonal")
    tables = {"fleet": fleet}
    assert standing(made, tables, "MW") == {"hall": {"2026": 5.0}, "plant": {"2026": pytest.approx(500)}}
    assert standing(made, tables, "chip") == {"chip": {"2026": pytest.approx(4000)}}


def test_volumes_are_means_of_the_part_of_the_year_that_there_is():
    """A quarter at 8 and nine months at 4 make 5; half a year at 6 makes 6."""
    made = case(horizon(3, 9, 6), **market())
    early, late, half = made.horizon.labels
    tables = sales([("m", early, 8.0, 0.0), ("m", late, 4.0, 4.0), ("m", half, 6.0, 0.0)])
    assert by_market(made, tables, "served") == {"m [MW]": pytest.approx({"2026": 5, "2027": 6})}
    assert by_market(made, tables, "lost") == {"m [MW]": pytest.approx({"2026": 3, "2027": 0})}


def test_contracts_are_served_too_and_what_they_call_in_vain_is_lost():
    signed = Contract(name="deal", market="m", resource="good", place="va", entity="co", volume=number(3), price=1.0, term_months=24,
                      starts="2026", penalty=0.0)  # fmt: skip
    made = case(horizon(12), **market(), contracts=(signed,))
    tables = sales([("m", "2026", 10.0, 1.0)], [("deal", "2026", 3.0, 2.5)])
    assert by_market(made, tables, "served") == {"m [MW]": {"2026": 12.5}}
    assert by_market(made, tables, "lost") == {"m [MW]": {"2026": 1.5}}


def test_energy_counts_slices_periods_and_only_what_brings_power():
    """A third of the day at 3 MW and two thirds at 6, of which a grid brings two and a mill draws; a half-year is 4,380 hours."""
    usual = market()
    grid = Process(name="grid", unit="MW", where="va", entity="co", variable_cost=number(1))
    rates = (ProcessRate(process="make", resource="power", rate=number(-1)), ProcessRate(process="grid", resource="power", rate=number(2)))
    more = {
        "resources": (*usual["resources"], Resource(name="power", unit="MW", kind="flow", level="site")),
        "processes": (*usual["processes"], grid),
        "rates": (*usual["rates"], *rates),
    }
    made = case(horizon(6, slices=(("night", "day", 8.0, 1.0), ("noon", "day", 16.0, 1.0))), **{**usual, **more})
    (label,) = made.horizon.labels
    rows = [{"item": item, "slice": part, "value": value} for item in ("grid", "make") for part, value in (("night", 3.0), ("noon", 6.0))]
    assert energy(made, {"activity": frame(*rows, period=label)}) == {"2026": pytest.approx((3 / 3 + 6 * 2 / 3) * 2 * 4380e-6)}
    assert energy(case(**usual), {}) == {}, "a case without power says nothing of energy"


def test_the_fork_ends_what_is_shown():
    forks = tuple(Scenario(name=name, opens="2027", probability=0.5) for name in ("up", "down"))
    assert shown(case(horizon(12, 12, 12), **market(), scenarios=forks)) == ["2026"]
