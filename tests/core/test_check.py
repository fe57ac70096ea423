"""Checks on cases that were built in code, where no reader stood in between."""

from __future__ import annotations

import pytest

from barbell.core import nouns, relations
from barbell.core.branch import seen_by
from barbell.core.case import TABLES, Case, Risk, Tables
from barbell.core.check import RULES, check
from barbell.core.check.trees import circles
from barbell.core.path import Path
from tests.small import horizon

HORIZON = horizon(12, 12, 12)
EARTH = nouns.Place(name="earth", kind="world")
GROUP = nouns.Entity(name="group", discount_rate=0.1)
POWER = nouns.Resource(name="power", unit="MW", kind="flow", level="world")
GRID = nouns.Process(name="grid", unit="MW", where="earth", entity="group", variable_cost=nouns.ZERO)
FEED = relations.ProcessRate(process="grid", resource="power", rate=nouns.ONE)


def case(**tables):
    whole = {"places": (EARTH,), "entities": (GROUP,), "resources": (POWER,), "processes": (GRID,), "rates": (FEED,)}
    return Case("small", "", "MUSD2026", "2026-01-01", HORIZON, Risk(), Tables(**(whole | tables)))


def problems(built, skip=frozenset()):
    return [f"{fault.where}: {fault.problem}" for fault in check(built, skip)]


def scenario(name, opens="2027", parent="trunk", probability=1.0):
    return relations.Scenario(name=name, opens=opens, parent=parent, probability=probability)


def test_small_case_makes_sense():
    assert problems(case()) == []


def test_empty_case_lacks_places_and_owners():
    built = Case("none", "", "MUSD2026", "2026-01-01", HORIZON, Risk(), Tables())
    assert problems(built) == ["places: the case has no places", "entities: the case has no entities"]


def test_unknown_reference_and_twin_key_silence_the_rules_that_rely_on_them():
    odd = FEED.model_copy(update={"process": "gird"})
    assert problems(case(rates=(odd,))) == ["rates.gird/power.process: is no row of 'processes'"]
    assert problems(case(rates=(FEED, FEED))) == ["rates.grid/power: this row of 'rates' stands twice"]


def test_missing_dates_are_told_before_any_rule_reads_them():
    assert problems(case(scenarios=(scenario("a", opens=""),))) == ["scenarios.a.opens: the date is missing"]


@pytest.mark.parametrize("table", [*TABLES, "horizon"])
def test_rules_that_read_a_broken_table_are_left_out(table):
    assert problems(case(), frozenset({table})) == []


def test_every_rule_explains_itself():
    assert all(rule.find.__doc__ for rule in RULES)


@pytest.mark.parametrize(
    ("parents", "found"),
    [
        ({"a": "b", "b": "c", "c": ""}, []),
        ({"a": "a"}, [("a", "a")]),
        ({"x": "a", "a": "b", "b": "a", "c": "d", "d": "c"}, [("a", "b", "a"), ("c", "d", "c")]),
        ({"a": "gone"}, []),
    ],
)
def test_circles(parents, found):
    assert list(circles(parents)) == found


FEE = relations.Change(scenario="a", path="processes.grid.variable_cost", value=Path.constant(2.0))


def test_branch_sees_the_case_changed_from_its_opening_on():
    built = case(scenarios=(scenario("a"),), changes=(FEE,))
    assert problems(built) == []
    seen = seen_by(built, "a")
    assert [seen.tables.processes[0].variable_cost.at(HORIZON.start + 12 * k) for k in range(3)] == [0.0, 2.0, 2.0]
    assert built.tables.processes[0].variable_cost == nouns.ZERO
    with pytest.raises(KeyError):
        seen_by(built, "b")


CHANGES = [
    ({"factor": 2.0}, "changes.a/processes.grid.variable_cost.value: the change gives a value and a factor"),
    ({"value": None}, "changes.a/processes.grid.variable_cost.value: the change gives neither a value nor a factor"),
    ({"path": "processes.gird.variable_cost"}, "changes.a/processes.gird.variable_cost.path: 'processes' has no row 'gird'"),
    ({"path": "nothing"}, "changes.a/nothing.path: the path leads to no field of a table"),
    (
        {"path": "processes.grid.entity"},
        "changes.a/processes.grid.entity.path: 'entity' cannot change over time, so no branch can change it",
    ),
    (
        {"path": "entities.group.cash_floor"},
        "changes.a/entities.group.cash_floor.path: the cell is empty, so that there is nothing to change",
    ),
    ({"value": Path.constant(1e16)}, "changes.a/processes.grid.variable_cost.value: it takes 'variable_cost' outside -1e+15 to 1e+15"),
]


@pytest.mark.parametrize(("update", "problem"), CHANGES)
def test_changes_that_make_no_sense(update, problem):
    assert problems(case(scenarios=(scenario("a"),), changes=(FEE.model_copy(update=update),))) == [problem]


def test_nested_branches_splice_one_after_the_other():
    later = FEE.model_copy(update={"scenario": "b", "value": None, "factor": 3.0})
    built = case(scenarios=(scenario("a"), scenario("b", opens="2028", parent="a")), changes=(later, FEE))
    assert problems(built) == []
    assert [seen_by(built, "b").tables.processes[0].variable_cost.at(HORIZON.start + 12 * k) for k in range(3)] == [0.0, 2.0, 6.0]


TREES = [
    ((scenario("trunk"),), "scenarios.trunk.name: the trunk has no row"),
    ((scenario("a", probability=0.5),), "scenarios.a.probability: the probabilities of the branches of 'trunk' sum to 0.5"),
    ((scenario("a", opens="2030"),), "scenarios.a.opens: no period of the horizon starts then"),
    ((scenario("a"), scenario("b", parent="a")), "scenarios.b.opens: the branch opens before or with its parent, in 2027"),
]


@pytest.mark.parametrize(("rows", "problem"), TREES)
def test_scenario_trees(rows, problem):
    assert problem in problems(case(scenarios=rows))


HALL = nouns.Asset(name="hall", unit="MW", capex=1.0, programme="build", life_months=120)
BUILD = nouns.Programme(name="build", entity="group")
OPTION = relations.Option(asset="hall", place="earth")


def built(**tables):
    return case(**({"assets": (HALL,), "programmes": (BUILD,), "options": (OPTION,)} | tables))


def cohort(**fields):
    return relations.Cohort(**({"name": "c", "asset": "hall", "place": "earth", "amount": 1.0, "service": "2025"} | fields))


def gate(**fields):
    return relations.Gate(
        **({"name": "g", "programme": "build", "asset": "hall", "place": "earth", "amount": 1.0, "by": "2027", "penalty": 0.0} | fields)
    )


def limit(**fields):
    return relations.Term(**({"limit": "l", "measure": "fleet", "item": "hall", "coefficient": 1.0} | fields))


LIMIT = nouns.Limit(name="l", unit="MW", sense="<=", bound=nouns.ONE)
STORE = nouns.Resource(name="store", unit="MWh", kind="stock", level="world", clock="slice")
AWAY = nouns.Place(name="va", kind="site", parent="earth")
LATE = relations.Index(name="more", path=Path.parse("2026:1"))
SUB = nouns.Entity(name="sub", discount_rate=0.1, parent="group")
PEAK = relations.Profile(name="peak", slice="noon", value=1.5)
NOON = relations.SliceRow(name="noon", day="d", hours=24.0, weight=1.0)
SOLAR = HALL.model_copy(update={"profile": "peak"})
ASKED = nouns.Demand(name="d", market="m", resource="power", place="earth", entity="group", volume=nouns.ONE)
STEP = relations.PriceStep(demand="d", step=1, share=1.0, price=nouns.ONE)
OFFER = relations.Contract(
    name="k", market="m", resource="power", place="earth", entity="group", volume=nouns.ONE, price=1.0, term_months=12, penalty=0.0
)
CHIPS = nouns.Resource(name="chips", unit="chip", kind="stock", level="world", clock="period")
HELD = relations.Account(resource="chips", place="earth", initial=3.0, ceiling=nouns.ONE)
SENSE = [
    (
        {"entities": (GROUP.model_copy(update={"parent": "sub"}), SUB)},
        "entities.group.parent: owners own each other in a circle: group -> sub -> group",
    ),
    ({"entities": (GROUP, SUB.model_copy(update={"draws": nouns.ONE}))}, None),
    (
        {"assets": (SOLAR,), "profiles": (PEAK,), "slices": (NOON,)},
        "assets.hall.profile: availability times profile reaches 1.5: more would work than stands",
    ),
    ({"assets": (SOLAR.model_copy(update={"availability": Path.constant(0.6)}),), "profiles": (PEAK,), "slices": (NOON,)}, None),
    ({"demands": (ASKED,), "price_steps": (STEP,)}, None),
    ({"demands": (ASKED,)}, "demands.d.name: the demand has no price steps"),
    (
        {"demands": (ASKED,), "price_steps": (STEP.model_copy(update={"share": 0.9}),)},
        "price_steps.d/1.share: the shares of 'd' sum to 0.9",
    ),
    ({"contracts": (OFFER,)}, None),
    ({"contracts": (OFFER.model_copy(update={"opens": "2027", "closes": "2027"}),)}, "contracts.k.closes: not after 'opens', 2027"),
    (
        {"contracts": (OFFER.model_copy(update={"starts": "2027", "lead_months": 3}),)},
        "contracts.k.lead_months: it is signed, since it starts in 2027, and on offer",
    ),
    (
        {"contracts": (OFFER.model_copy(update={"starts": "2025"}),)},
        "contracts.k.term_months: the contract ends before the start of the horizon",
    ),
    ({"contracts": (OFFER.model_copy(update={"starts": "2027-06", "volume": Path.parse("2027:1")}),)}, None),
    ({"contracts": (OFFER.model_copy(update={"opens": "2026-06", "volume": Path.parse("2027:1")}),)}, None),
    ({"options": (OPTION.model_copy(update={"opens": "2026-06", "order_limit": Path.parse("2027:1")}),)}, None),
    (
        {"options": (OPTION.model_copy(update={"opens": "2026-06", "order_limit": Path.parse("2027-02:1")}),)},
        "options.hall/earth.order_limit: the path begins in 2027-02, but is read from 2027-01 on",
    ),
    ({"resources": (POWER, CHIPS), "accounts": (HELD,)}, "accounts.chips/earth.initial: more than the account can hold, 1"),
    ({}, None),
    ({"options": ()}, "assets.hall.name: the asset can never stand anywhere"),
    ({"options": (OPTION.model_copy(update={"place": "moon"}),)}, "options.hall/moon.place: no place and no kind of place has this name"),
    ({"options": (OPTION.model_copy(update={"opens": "2027", "closes": "2026"}),)}, "options.hall/earth.closes: not after 'opens', 2027"),
    ({"cohorts": (cohort(),)}, None),
    ({"cohorts": (cohort(service="2027", paid=0.5),)}, "cohorts.c.price: something is still to be paid, but there is no price"),
    ({"cohorts": (cohort(service="2027", book_value=1.0),)}, "cohorts.c.book_value: not in service yet, so nothing has been depreciated"),
    (
        {"cohorts": (cohort(),), "assets": (HALL.model_copy(update={"gain": "more"}),), "indices": (LATE,)},
        "cohorts.c.service: it entered service before the gains 'more' begin, in 2026-01",
    ),
    ({"gates": (gate(),)}, None),
    ({"gates": (gate(place="va"),), "places": (EARTH, AWAY)}, "gates.g.place: 'hall' can never stand at 'va' or below"),
    ({"limits": (LIMIT,), "terms": (limit(),)}, None),
    ({"limits": (LIMIT,), "terms": (limit(measure="retire"),)}, "terms.l/retire/hall.item: the asset cannot be retired"),
    (
        {"limits": (LIMIT,), "terms": (limit(measure="cash", item="group", place="earth"),)},
        "terms.l/cash/group/earth.place: cash has no place",
    ),
    (
        {"limits": (LIMIT,), "terms": (limit(measure="spend"),), "programmes": (BUILD, BUILD.model_copy(update={"name": "hall"}))},
        "terms.l/spend/hall.item: this may mean one of several: programmes or assets",
    ),
    (
        {"resources": (POWER, STORE), "takes": (relations.Take(asset="hall", resource="store", amount=1.0),)},
        "takes.hall/store.resource: orders and installations cannot draw on a stock that turns within the day",
    ),
    (
        {"takes": (relations.Take(asset="hall", resource="power", amount=1.0),), "rates": ()},
        "takes.hall/power.resource: nobody produces power@earth, and it is wanted here",
    ),
    (
        {"debts": (relations.Debt(name="d", entity="group", rate=0.05, fair_rate=0.05, limit=nouns.ONE, opening=2.0),)},
        "debts.d.opening: more than the limit at the start, 1",
    ),
    (
        {"entities": (GROUP.model_copy(update={"draws": nouns.ONE}),)},
        "entities.group.draws: an entity without parent exchanges money with it",
    ),
    (
        {"assets": (HALL.model_copy(update={"availability": Path.parse("2027:1")}),)},
        "assets.hall.availability: the path begins in 2027-01, but is read from 2026-01 on",
    ),
    (
        {"resources": (POWER.model_copy(update={"level": "site"}),), "places": (EARTH, AWAY)},
        "rates.grid/power.resource: it balances at places of kind 'site', but neither 'earth' nor a place around it is one",
    ),
]


@pytest.mark.parametrize(("tables", "problem"), SENSE)
def test_what_makes_no_sense(tables, problem):
    found = problems(built(**tables))
    assert found == [] if problem is None else problem in found


def test_uses_may_stand_above_and_conversions_carry_on():
    places = (EARTH, AWAY)
    grid = GRID.model_copy(update={"where": "site"})
    assets = tuple(HALL.model_copy(update={"name": name}) for name in ("hall", "wet", "wetter"))
    turns = tuple(relations.Conversion(name=f"{a}-{b}", source=a, target=b, months=3, capex=0.0) for a, b in [("wet", "wetter"), ("hall", "wet")])
    use = relations.Use(process="grid", asset="wetter", use=nouns.ONE)
    assert problems(built(places=places, processes=(grid,), assets=assets, conversions=turns, uses=(use,))) == []


def test_only_place_of_its_kind_may_bear_its_name():
    world, hall = EARTH.model_copy(update={"name": "world"}), EARTH.model_copy(update={"name": "x", "kind": "earth", "parent": "earth"})
    grid = GRID.model_copy(update={"where": "world"})
    assert problems(case(places=(world,), processes=(grid,))) == []
    assert problems(case(places=(EARTH, hall)))[0].startswith("places.earth.name: a place has the name of a kind of place")
