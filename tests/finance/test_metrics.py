"""The cost of a gigawatt through its chain of assets, by hand."""

import pytest

from barbell import plan
from barbell.core.nouns import Asset, Place, Process, Resource
from barbell.core.relations import Cohort, Index, Option, ProcessRate, Use
from barbell.finance import cost_per_gw
from tests.small import built, case, horizon, number

FLOW = {"kind": "flow", "level": "site", "unit": "MW"}


def works(name):
    return Process(name=name, unit="MW", where="va", entity="co", variable_cost=number(0.0))


def chain(more_assets=(), more_processes=(), more_uses=(), more_rates=(), more_resources=(), chip=None, grid_option=True, **tables):
    """A chip of 20 draws 2 MW of IT, which a hall of 10 a MW makes from 1.3 MW of feed, which a grid of 2 a MW makes.

    A MW of hall costs half as much again here, and works 80 % of the time.
    """
    usual = built(capex=20.0, asset={"unit": "kchip", **(chip or {})}, prices=((1.0, 90.0),))
    hall = Asset(name="hall_liquid", unit="MW", capex=10.0, programme="build", life_months=240, availability=number(0.8))
    grid = Asset(name="grid", unit="MW", capex=2.0, programme="build", life_months=360)
    options = [Option(asset="hall_liquid", place="va", capex_factor=1.5)] + [Option(asset="grid", place="va")] * grid_option
    made = {
        "resources": (*usual["resources"], Resource(name="it_liquid", **FLOW), Resource(name="feed", **FLOW), *more_resources),
        "assets": (*usual["assets"], hall, grid, *more_assets),
        "options": (*usual["options"], *options),
        "processes": (*usual["processes"], works("house"), works("supply"), *more_processes),
        "uses": (
            *usual["uses"],
            Use(process="house", asset="hall_liquid", use=number(1.0)),
            Use(process="supply", asset="grid", use=number(1.0)),
            *more_uses,
        ),
        "rates": (
            *usual["rates"],
            ProcessRate(process="make", resource="it_liquid", rate=number(-2.0)),
            ProcessRate(process="house", resource="it_liquid", rate=number(1.0)),
            ProcessRate(process="house", resource="feed", rate=number(-1.3)),
            ProcessRate(process="supply", resource="feed", rate=number(1.0)),
            *more_rates,
        ),
    }
    return case(**{**usual, **made, **tables})


def parts(made, **named):
    found = plan.solve(made)
    return dict(cost_per_gw(found.case, found.tables, **named).select("part", "value").iter_rows())


def test_through_the_chain():
    """For 1 MW of IT: half a chip, 1 / 0.8 MW of hall at 15, 1.3 MW of grid at 2."""
    assert parts(chain()) == pytest.approx({"chips": 10_000, "hall": 18_750, "grid": 2_600, "all": 31_350})


def test_names_choose_what_counts():
    """Counted in feed instead of IT a gigawatt is 1.3 times less; what is no chip can be followed as well."""
    wide = parts(chain(), it=("it_liquid",), chips=("hall",))
    assert wide["all"] == pytest.approx(31_350) and wide["chips"] == pytest.approx(10_000)
    assert parts(chain(), chips=("grid",)) == {}, "a grid draws no IT"


def test_the_mix_is_that_of_the_plan():
    """Half of the feed comes from engines of 6 a MW that stand already: 0.65 MW of each for a MW of IT."""
    made = chain(
        more_assets=(Asset(name="engines", unit="MW", capex=6.0, programme="build", life_months=120),),
        more_processes=(works("burn"),),
        more_uses=(Use(process="burn", asset="engines", use=number(1.0)),),
        more_rates=(ProcessRate(process="burn", resource="feed", rate=number(1.0)),),
        cohorts=(
            Cohort(name="old-engines", asset="engines", place="va", amount=13.0, service="2025"),
            Cohort(name="old-grid", asset="grid", place="va", amount=13.0, service="2025"),
        ),
        grid_option=False,
    )
    found = parts(made)
    assert found["engines"] == pytest.approx(0.65 * 6000) and found["grid"] == pytest.approx(0.65 * 2000)


def test_prices_are_those_of_the_day_of_the_order():
    """Chips only from 2027, a fifth cheaper then; halls are dearer by half by then, wherever they were bought."""
    made = chain(
        chip={"index": "chips"},
        options=(
            Option(asset="hall", place="va", opens="2027"),
            Option(asset="hall_liquid", place="va", capex_factor=1.5),
            Option(asset="grid", place="va"),
        ),
        indices=(Index(name="chips", path=number("2026:1 2027:0.8")),),
    )
    assert parts(made)["chips"] == pytest.approx(8_000)


def test_assets_above_serve_the_places_below():
    """The grid belongs to the region: its price and factor are those of the region."""
    places = (Place(name="east", kind="region"), Place(name="va", kind="site", parent="east"))
    options = (Option(asset="hall", place="va"), Option(asset="hall_liquid", place="va"), Option(asset="grid", place="east", capex_factor=3.0))
    assert parts(chain(places=places, options=options))["grid"] == pytest.approx(1.3 * 2000 * 3)


def test_late_chips_count_with_the_last_period():
    """Chips of the last quarter arrive after the end: they are told with the chain of the last period that is seen."""
    found = plan.solve(chain(chip={"lead_months": 6}, calendar=horizon(6, 6, 6)))
    frame = cost_per_gw(found.case, found.tables)
    assert frame["chip"].unique().to_list() == ["hall"] and frame["ordered"][0] > 0


def test_chips_that_draw_no_it_have_no_row():
    found = plan.solve(case(**built(capex=1.0, asset={"unit": "kchip"})))
    assert cost_per_gw(found.case, found.tables).is_empty()
