"""Which end of a range hurts, and cases moved to their corners."""

from barbell.core.case import Origin
from barbell.core.errors import Where
from barbell.core.nouns import Limit
from barbell.core.relations import Fact, Term
from barbell.plan import solve
from barbell.study.corners import BAD, GOOD, corner, ends
from tests.small import built, case, number


def ranged(name):
    return Fact(name=name, value="2", unit="1", low="1", high="3", as_of="2026-01-01", source="test", grade="S")


def with_cells(*cells, limits=()):
    """A case in which the cells (table, row, field, text) use facts."""
    terms = tuple(Term(limit=limit.name, measure="order", item="hall", coefficient=1.0) for limit in limits)
    made = case(**built(limits=limits, terms=terms))
    names = {text.lstrip("-@") for *_, text in cells}
    object.__setattr__(made, "tables", made.tables.with_rows("facts", tuple(ranged(name) for name in sorted(names))))
    object.__setattr__(made, "origins", {spot: Origin(Where("t.csv", 2), text, text.lstrip("-@")) for *rest, text in cells for spot in [tuple(rest)]})
    return made


def test_dearer_is_bad_and_more_demand_is_good():
    made = with_cells(("assets", "hall", "capex", "@cost"), ("demands", "sell", "volume", "@asked"), ("assets", "hall", "life_months", "@life"))
    assert ends(made) == {"cost": -1, "asked": 1, "life": 1}


def test_a_negated_rate_turns_round():
    made = with_cells(("rates", "make/good", "rate", "@output"), ("rates", "make/power", "rate", "-@draw"))
    assert ends(made) == {"output": 1, "draw": -1}


def test_a_limit_helps_or_hurts_by_its_sense():
    limits = tuple(Limit(name=n, unit="MW", sense=s, bound=number(1.0)) for n, s in (("most", "<="), ("least", ">="), ("exact", "=")))
    made = with_cells(*(("limits", limit.name, "bound", f"@{limit.name}") for limit in limits), limits=limits)
    assert ends(made) == {"most": 1, "least": -1}


def test_facts_that_do_both_stay():
    made = with_cells(("assets", "hall", "capex", "@both"), ("demands", "sell", "volume", "@both"), ("price_steps", "sell/1", "share", "@neither"))
    assert ends(made) == {}


def test_corners_name_the_ends():
    directions = {"cost": -1, "asked": 1}
    assert corner(directions, good=True) == {"cost": "low", "asked": "high"}
    assert corner(directions, good=False) == {"cost": "high", "asked": "low"}


def test_no_field_is_good_and_bad():
    assert not [(table, field) for table, fields in GOOD.items() for field in fields & BAD.get(table, set())]


def test_the_directions_agree_with_the_plan():
    """Moving a cell in its good direction never lowers the value of a plan."""
    base = {"capex": 10.0, "life": 120, "volume": 10.0, "cost": 1.0}
    value = solve(case(**built(**base))).value
    for field, good, change in (("capex", False, 11.0), ("life", True, 140), ("volume", True, 12.0), ("cost", False, 1.5)):
        moved = solve(case(**built(**(base | {field: change})))).value
        assert (moved >= value) == good, field
