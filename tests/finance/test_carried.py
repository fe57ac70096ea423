"""Book value on the move: conversions in chains, beside retirements, across programmes and entities."""

import pytest

from barbell.core.nouns import Entity, Programme
from barbell.core.relations import Conversion, Option
from tests.finance.reading import closes, column, line, money, written
from tests.finance.test_vintages import asset, quarters

REFIT = Conversion(name="refit", source="hall", target="liquid", months=0, capex=10.0)


def halls(target=None, conversions=(REFIT,), **tables):
    """A hall of 1200 over 30 years, ordered first; what it becomes lives ten years."""
    hall = asset("hall", life=360, depreciation="buildings", unit="MW", retirable=True)
    liquid = asset("liquid", life=120, capex=1.0, unit="MW", **(target or {}))
    options = (Option(asset="hall", place="va"),)
    return quarters(4, **{"assets": (hall, liquid), "options": options, "conversions": conversions, **tables})


def standing(made, batch, units):
    """Rows of the fleet of one batch at va, as long as it exists."""
    name = batch.partition("@")[0]
    return [(p, name, "va", batch, u, "MW") for p, u in zip(made.horizon.labels, units, strict=True) if u is not None]


def begun(period, units, name="refit", source="hall"):
    return (period, source, "va", f"convert by {name}", units, "MW")


ORDER = ("2026Q1", "hall", "va", "order", 1.0, "MW")


def test_retired_beside_converted():
    """Of one hall a quarter is retired and a half converted a quarter later: 1190 in the books, 297.5 written off, 595 moved."""
    made = halls()
    fleet = standing(made, "hall@va 2026Q1", (1.0, 0.25, 0.25, 0.25)) + standing(made, "liquid@va", (0.0, 0.5, 0.5, 0.5))
    orders = [ORDER, begun("2026Q2", 0.5), ("2026Q2", "hall", "va", "retire", 0.25, "MW")]
    found = written(made, orders=orders, fleet=fleet, money=money(made, capex=[1200, 5, 0, 0]))
    closes(found)
    assert line(found, "write-offs") == pytest.approx([0, 297.5, 0, 0])
    assert column(found.capital, "transfers", klass="buildings") == pytest.approx([0, -595, 0, 0])
    assert column(found.capital, "additions", klass="servers") == pytest.approx([0, 600, 0, 0])
    assert line(found, "depreciation: servers") == pytest.approx([0, 15, 15, 15])


def test_a_batch_in_two_conversions_is_split_by_units():
    """Three quarters go to liquid for 7.5, one quarter to another for 5: the book value of 1190 follows the units."""
    made = halls(
        assets=(asset("hall", life=360, depreciation="buildings", unit="MW"), asset("liquid", life=120, unit="MW"), asset("dry", life=60, unit="MW")),
        conversions=(REFIT, Conversion(name="dry-out", source="hall", target="dry", months=0, capex=20.0)),
    )
    fleet = standing(made, "hall@va 2026Q1", (1.0, 0.0, 0.0, 0.0))
    orders = [ORDER, begun("2026Q2", 0.75), begun("2026Q2", 0.25, "dry-out")]
    found = written(made, orders=orders, fleet=fleet, money=money(made, capex=[1200, 12.5, 0, 0]))
    closes(found)
    liquid, dry = 0.75 * 1190 + 7.5, 0.25 * 1190 + 5
    assert column(found.capital, "additions", klass="servers") == pytest.approx([0, liquid + dry, 0, 0])
    assert line(found, "depreciation: servers")[1:] == pytest.approx([liquid / 40 + dry / 20] * 3)


def test_a_chain_carries_what_was_carried():
    """Hall to liquid, a quarter later liquid to another: 1190 + 10 less 30, plus 4, over twenty quarters."""
    made = halls(
        assets=(asset("hall", life=360, depreciation="buildings", unit="MW"), asset("liquid", life=120, unit="MW"), asset("dry", life=60, unit="MW")),
        conversions=(REFIT, Conversion(name="again", source="liquid", target="dry", months=3, capex=4.0)),
    )
    fleet = standing(made, "hall@va 2026Q1", (1.0, 0.0, 0.0, 0.0)) + standing(made, "liquid@va 2026Q2", (None, 1.0, 0.0, 0.0))
    orders = [ORDER, begun("2026Q2", 1.0), begun("2026Q3", 1.0, "again", "liquid")]
    found = written(made, orders=orders, fleet=fleet, money=money(made, capex=[1200, 10, 4, 0]))
    closes(found)
    assert line(found, "write-offs") == pytest.approx([0] * 4)
    assert column(found.construction, "closing", klass="servers") == pytest.approx([0, 0, 1174, 0])
    assert column(found.capital, "closing", klass="servers") == pytest.approx([0, 1170, 0, 1174 * 19 / 20])


def test_where_the_target_expenses_the_book_value_is_written_off():
    programmes = (Programme(name="build", entity="co"), Programme(name="quick", entity="co", treatment="expense"))
    made = halls({"programme": "quick"}, programmes=programmes)
    fleet = standing(made, "hall@va 2026Q1", (1.0, 0.0, 0.0, 0.0))
    found = written(made, orders=[ORDER, begun("2026Q2", 1.0)], fleet=fleet, money=money(made, capex=[1200, 10, 0, 0]))
    closes(found)
    assert line(found, "write-offs") == pytest.approx([0, 1190, 0, 0]) and line(found, "expensed spend") == pytest.approx([0, 10, 0, 0])


def test_book_value_moves_between_entities_and_stays_in_the_group():
    """The child's programme converts the parent's hall: the child's property grows by 1190 and its own 10."""
    owners = (Entity(name="co", discount_rate=0.1), Entity(name="sub", parent="co", discount_rate=0.1))
    programmes = (Programme(name="build", entity="co"), Programme(name="lab", entity="sub"))
    made = halls({"programme": "lab"}, entities=owners, programmes=programmes)
    fleet = standing(made, "hall@va 2026Q1", (1.0, 0.0, 0.0, 0.0))
    paid = [*money(made, capex=[1200, 0, 0, 0]), *money(made, "sub", capex=[0, 10, 0, 0])]
    found = written(made, orders=[ORDER, begun("2026Q2", 1.0)], fleet=fleet, money=paid)
    closes(found)
    assert column(found.capital, "closing", entity="co") == pytest.approx([1190, 0, 0, 0])
    assert column(found.capital, "closing", entity="sub") == pytest.approx([0, 1170, 1140, 1110])
    assert line(found, "capex", "co", "consolidated") == pytest.approx([1200, 10, 0, 0])
    assert found.capital["transfers"].sum() + found.construction["transfers"].sum() == pytest.approx(0)
