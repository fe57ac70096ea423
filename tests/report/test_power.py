"""The power of a run: a site by hand, the toy of the guide, and cases that count less."""

import re
from dataclasses import replace

import polars as pl
import pytest

from barbell.core.nouns import Place
from barbell.report import query
from barbell.report.electricity import ALL, Power, markets
from barbell.report.page import html, sections
from barbell.report.sections import power
from barbell.report.source import Source
from barbell.study import electricity, plan
from tests.conftest import ROOT
from tests.report import example
from tests.report.powered import astray, source, sourced
from tests.report.test_words import numbers

HOURS = 8760


@pytest.fixture(scope="module")
def site():
    return source()


@pytest.fixture(scope="module")
def found(site):
    return {figure.name: figure for figure in power.section(site).figures}


@pytest.fixture(scope="module")
def toy():
    return sourced(plan(ROOT / "cases" / "toy"))


def row(figure, *key):
    cells = next(r for r in figure.grid.rows if tuple(cell.text for cell in r[: len(key)]) == key)
    return [cell.value for cell in cells[figure.grid.words :]]


def test_the_site_by_hand(site, found):
    """8 kchip of 2 MW; 1.3 at the peak; the meter gives the 7.8 that the engines do not."""
    assert row(found["power"], ALL, "IT load") == pytest.approx([16, 16])
    assert row(found["power"], ALL, "site draw") == pytest.approx([20.8, 20.8])
    assert row(found["power"], ALL, "through the meter") == pytest.approx([7.8, 7.8])
    assert row(found["power"], ALL, "connection") == pytest.approx([7.8, 7.8])
    assert row(found["power"], ALL, "own plant") == pytest.approx([13, 13])
    assert numbers(found["power"].message) == ["2027", "16", "20.8", "1", "1"]


def test_energy_cost_and_overheads_by_hand(found):
    """14.4 MW on average, of which engines give half a MW a MW; the rest costs 0.5 a MW and year; IT draws three quarters of its load."""
    energy = 14.4 * HOURS / 1e6
    assert row(found["energy"], "all energy") == pytest.approx([energy] * 2)
    assert row(found["energy"], "cost of energy") == pytest.approx([7.9 * 0.5 / 1000] * 2), "in billions, as all money of that page"
    assert row(found["energy"], "cost of a MWh") == pytest.approx([7.9 * 0.5 / energy] * 2)
    assert row(found["energy"], "PUE at the design hour") == pytest.approx([1.3] * 2)
    assert row(found["energy"], "PUE over the year") == pytest.approx([14.4 / (16 * 0.75)] * 2)


def test_one_more_megawatt_by_hand(found):
    """In 2027 chips stand: 1 / 2.6 kchip more sell for 90, cost 1 to run and 0.9 for power; a MW of engines saves half a MW of power."""
    grid, engines = row(found["power-prices"], "grid@va"), row(found["power-prices"], "engines@va")
    assert grid[1] == pytest.approx((90 - 1 - 2 * 0.9 * 0.5) / 2.6) and engines[1] - grid[1] == pytest.approx(0.25)
    assert numbers(found["power-prices"].message) == ["2027", "34.1", "0.274"]


def test_the_sentence_says_what_power_does(site):
    said = power.section(site).sentences
    prices = query.seen(site, "prices").filter((pl.col("kind") != "account") & (pl.col("price") > 0))
    worth = prices.with_columns(worth=pl.col("price") * pl.col("amount"))
    mine = worth.filter(pl.col("item").is_in(["grid", "engines"]))["worth"].sum() / worth["worth"].sum()
    assert f"{100 * mine:.0f}" in numbers(said[0]) and "engines stand in: 13" in said[1]


def test_demand_that_waits_for_power_counts_by_market(site):
    reason = {name: [value] for name, value in zip(example.source().reasons.columns, ("trunk", "m", "sell", "va", "2026", 2.0, 0.0, "MW", "scarce",
              "capacity", "grid", "va", "", ""), strict=True)}  # fmt: skip
    other = reason | {"thing": ["hall"], "lost": [6.0]}
    made = replace(site, reasons=pl.concat([pl.DataFrame(reason), pl.DataFrame(other)]))
    assert "25" in numbers(power.section(made).sentences[0])


def test_every_number_opens_to_itself(site, toy):
    for made in (site, toy):
        assert astray(power.section(made), made) == []
        for address in ("power/energy/2026", "power/cost/2027", "power/price/2027", "power/draw/2026", "power/mean@va/2027", "power/meter/2026"):
            assert list(made.book.walk(address))
    assert list(site.book.walk("power/pue/2026", "power/pue-peak/2027", "power/it@va/2026", "power/plant/2026"))


@pytest.mark.parametrize("asked", ["power/it/2040", "power/it@mars/2026", "power/energy/1999", "power/nothing/2026", "power/pue", "power/pue/1999"])
def test_what_is_not_there_is_no_number(site, asked):
    assert site.book.find(asked) is None


def test_the_toy_of_the_guide(toy):
    """docs/guide/toy.md: the grid is a limit of 7.5 MW, of which 5 are drawn in 2026; a MW in 2027 is worth 12.06 then, and costs 0.5 to draw."""
    figures = {figure.name: figure for figure in power.section(toy).figures}
    assert row(figures["power"], ALL, "site draw") == pytest.approx([5, 7.5]) and row(figures["power"], ALL, "connection") == [7.5, 7.5]
    assert row(figures["power-prices"], "grid")[1] == pytest.approx(12.06, abs=0.01)
    assert row(figures["energy"], "all energy") == pytest.approx([5 * HOURS / 1e6, 7.5 * HOURS / 1e6])
    assert not any("PUE" in cell.text for r in figures["energy"].grid.rows for cell in r), "a case without IT load has no overhead"
    assert re.search("32.% of all that binds", power.section(toy).sentences[0])


def test_a_case_that_counts_it_alone_says_so():
    made = sourced(plan(ROOT / "cases" / "custom-silicon"))
    told = power.section(made)
    assert told.sentences == ("This case counts IT load, but no connection.",) and [figure.name for figure in told.figures] == ["power"]
    assert "IT load is" in told.figures[0].message and told.figures[0].choice is None


def test_a_case_without_power_has_no_section():
    assert power.section(example.source()) is None
    assert "power" not in {section.name for section in sections(example.source())}


def test_power_that_is_not_short_is_said_not_to_hold_back(site):
    tables = dict(site.tables) | {"prices": site.tables["prices"].clear()}
    assert "does not hold the plan back" in power.section(replace(site, tables=tables)).sentences[0]


def test_half_a_site_is_two_sites_with_a_choice(site):
    """The same activity at two places adds up to the sum, and each can be chosen."""
    both = {
        name: pl.concat([frame, frame.with_columns(place=pl.lit("oh"))]) if name in ("activity", "fleet") else frame
        for name, frame in site.tables.items()
    }
    case = replace(site.case, tables=replace(site.case.tables, places=(*site.case.tables.places, Place(name="oh", kind="site", power_market="PJM"))))
    figure = power.section(Source(case, site.value, site.parts, site.status, both)).figures[0]
    assert figure.choice.options == (ALL, "oh", "va") and row(figure, ALL, "IT load") == pytest.approx([32, 32])
    assert figure.spec["params"] == [{"name": "site", "value": ALL}] and {r["site"] for r in figure.spec["data"]["values"]} == {ALL, "oh", "va"}
    assert "power (MW)" in str(figure.spec) and html(Source(case, site.value, site.parts, site.status, both))


def test_places_of_one_market_are_counted_together(site):
    places = (Place(name="a", kind="site", power_market="PJM"), Place(name="b", kind="site", power_market="PJM"), Place(name="c", kind="site"))
    case = replace(site.case, tables=replace(site.case.tables, places=places))
    assert markets(case, [ALL, "a", "b", "c"]) == {"PJM": ["a", "b"], "c": ["c"]}


def test_what_is_brought_is_what_is_drawn(site):
    """Flows balance: what processes bring into the accounts of IT, the design hour and the mean is what others take from them."""
    case, found = site.case, Power(site)
    for resource, made in (("it_liquid", found.it), ("feed", found.draw), ("power", found.mean)):
        taken = sum(
            -rate.rate.values[0] * level
            for rate in case.tables.rates if rate.resource == resource and rate.rate.values[0] < 0
            for level in site.tables["activity"].filter((pl.col("item") == rate.process) & (pl.col("period") == "2026"))["value"]
        )  # fmt: skip
        assert made[ALL]["2026"] == pytest.approx(taken)


def test_only_megawatts_are_power():
    assert (electricity.megawatts("GW"), electricity.megawatts("kW"), electricity.megawatts("kchip"), electricity.megawatts("")) == (1e3, 1e-3, 0, 0)
