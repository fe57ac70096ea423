"""Alternatives of a case: ranges, plans far from each other, and what all of them do."""

import pytest

from barbell.core.errors import CaseError
from barbell.study import alternatives
from tests.conftest import ROOT

TOY, NEOCLOUD = ROOT / "cases" / "toy", ROOT / "cases" / "neocloud"
WITHIN = 0.02


@pytest.fixture(scope="module", params=[{}, {"assets.hall.block": "0.5 MW"}], ids=["continuous", "whole"])
def found(request):
    return alternatives(TOY, request.param, within=WITHIN, count=3)


def test_every_plan_keeps_its_value(found):
    least = (1 - WITHIN) * found.best.value
    assert len(found.found) >= 6 and all(near.plan.value >= least * (1 - 1e-6) for near in found.found)


def test_plans_shown_differ_and_are_some_of_those_found(found):
    assert len(found.shown) == 3 and set(found.shown) <= set(found.found)
    assert found.names[0] == "best" and len(set(found.names)) == 4
    assert found.values.columns[2:] == list(found.names)
    told = found.values.select(found.names).transpose().unique()
    assert told.height == 4


def test_musts_hold_in_all(found):
    assert found.musts.height
    for must in found.musts.iter_rows(named=True):
        for plan in (found.best, *(near.plan for near in found.found)):
            orders = plan.tables["orders"]
            same = orders.filter((orders["action"] == must["action"]) & (orders["item"] == must["item"]) & (orders["place"] == must["place"]))
            assert same.filter(same["period"].str.starts_with(must["year"]))["value"].sum() >= must["least"] - 1e-9
        assert must["least"] >= 0.5 * must["best"]


def test_ranges_hold_every_plan_found(found):
    for what, _, least, best, most in found.ranges.iter_rows():
        assert least <= best <= most
        there = [near.direction.of(near.plan.solution.x) for near in found.found if near.direction.name == what]
        assert min(there) >= least - 1e-9 and max(there) <= most + 1e-9


def test_decisions_are_the_orders_of_each_plan(found):
    for name, plan in zip(found.names, (found.best, *(near.plan for near in found.shown)), strict=True):
        orders = plan.tables["orders"]
        for action, item, _, year, *_ in found.decisions.iter_rows():
            told = found.decisions.filter(
                (found.decisions["action"] == action) & (found.decisions["item"] == item) & (found.decisions["year"] == year)
            )
            there = orders.filter((orders["action"] == action) & (orders["item"] == item) & orders["period"].str.starts_with(year))
            assert told[name].item() == pytest.approx(there["value"].sum(), abs=1e-5)


@pytest.mark.parametrize(("within", "count"), [(0.0, 3), (1.0, 3), (0.1, 0)])
def test_what_asks_for_no_plans_is_refused(within, count):
    with pytest.raises(CaseError, match="asks for no other plans"):
        alternatives(TOY, within=within, count=count)
