"""Numbers that do not tie are refused: each identity is broken once."""

from dataclasses import replace

import pytest

from barbell import plan
from barbell.core.case import Risk
from barbell.core.errors import LedgerError
from barbell.core.relations import Gate, Payment
from barbell.finance.capital import capital
from barbell.finance.check import check
from barbell.finance.lines import lines
from barbell.finance.operations import operations
from barbell.finance.projects import projects
from barbell.finance.view import look
from tests.small import built, case, horizon


@pytest.fixture(scope="module")
def sound():
    """A plan with orders paid half on order and half a year after service, so that every roll-forward moves."""
    paid = (Payment(name="p", anchor="order", months=0, share=0.5), Payment(name="p", anchor="service", months=12, share=0.5))
    tables = built(lead=12, prices=((1.0, 30.0),), volume="2026:0 2027:10", asset={"payment": "p"})
    found = plan.solve(case(horizon(12, 12, 12), **tables, payments=paid))
    view = look(found.case, found.tables)
    held = capital(view, projects(view))
    assert all(abs(roll).max() > 0 for roll in (held.service["closing"], held.construction["closing"], held.payables["closing"]))
    return view, lines(view, operations(view), held), held


def test_what_ties_passes(sound):
    assert check(*sound) is None


@pytest.mark.parametrize("name", ["capex", "free cash flow of the programmes", "transfers received"])
def test_a_line_that_differs_from_the_plan(sound, name):
    view, own, held = sound
    wrong = {**own, name: own[name] + 1.0}
    with pytest.raises(LedgerError, match=r"of co in 2026 is .* report this as a bug"):
        check(view, wrong, held)


@pytest.mark.parametrize(
    ("roll", "column"),
    [("service", "depreciation"), ("service", "opening"), ("construction", "paid"), ("payables", "settled"), ("payables", "closing")],
)
def test_a_roll_forward_that_does_not_close(sound, roll, column):
    view, own, held = sound
    broken = {**getattr(held, roll), column: getattr(held, roll)[column] + 1.0}
    with pytest.raises(LedgerError, match=rf"roll-forward of property \({roll}\) does not close by 1"):
        check(view, own, replace(held, **{roll: broken}))


def test_what_enters_service_was_built(sound):
    view, own, held = sound
    more = {**held.service, "additions": held.service["additions"] + 1.0, "disposals": held.service["disposals"] + 1.0}
    with pytest.raises(LedgerError, match="what enters service differs by 1"):
        check(view, own, replace(held, service=more))


def test_differences_below_a_millionth_pass(sound):
    view, own, held = sound
    largest = max(abs(own[name]).max() for name in ("revenue", "capex", "operating cash flow", "cash"))
    check(view, {**own, "capex": own["capex"] + 0.9e-6 * largest}, held)
    with pytest.raises(LedgerError):
        check(view, {**own, "capex": own["capex"] + 1.1e-6 * largest}, held)


def test_a_plan_for_the_worst_futures_may_waste_penalties_elsewhere(sound):
    """Where only the worst count, penalties at gates of the others have no price; capex must still tie."""
    view, own, held = sound
    gate = Gate(name="g", programme="build", asset="hall", place="va", amount=1.0, by="2026", penalty=1.0)
    careless = replace(view, case=replace(view.case, risk=Risk(1.0, 0.5), tables=replace(view.case.tables, gates=(gate,))))
    name = "free cash flow of the programmes"
    check(careless, {**own, name: own[name] + 1.0}, held)
    with pytest.raises(LedgerError, match="capex"):
        check(careless, {**own, "capex": own["capex"] + 1.0}, held)
