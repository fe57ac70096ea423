"""Scenario trees: the value of knowing, and that nothing is known too early."""

from dataclasses import replace

import pytest

from barbell import plan
from barbell.core.branch import seen_by
from barbell.core.case import Risk
from barbell.core.relations import Change, Scenario
from tests.small import built, case, number, total

D26, D27 = 1.1**-0.5, 1.1**-1.5


def newsvendor(high=10.0, low=2.0, capex=3.0, chance=0.5, risk=None, first=5.0):
    """Halls are ordered in 2026 and serve in 2027, when demand turns out high or low; they are worth nothing after."""
    tables = built(capex=capex, lead=12, life=12, volume="2026:0 2027:5", asset={"recovery": 0.0})
    return case(
        risk=risk,
        **tables,
        scenarios=(
            Scenario(name="high", opens="2027", probability=chance),
            Scenario(name="low", opens="2027", probability=1 - chance),
        ),
        changes=(
            Change(scenario="high", path="demands.sell.volume", value=number(high)),
            Change(scenario="low", path="demands.sell.volume", value=number(low)),
        ),
    )


def worth(built_mw, asked, capex=3.0):
    """Value of one future by hand: margin 9 on what is served in 2027, less what was paid in 2026."""
    return 9 * min(built_mw, asked) * D27 - capex * built_mw * D26


def test_build_for_the_high_branch_when_it_pays():
    """Half a chance of 9 in 2027 is worth more than 3 today: build ten."""
    found = plan.solve(newsvendor())
    assert total(found.tables["orders"], item="hall", period="2026") == pytest.approx(10)
    assert found.value == pytest.approx(0.5 * worth(10, 10) + 0.5 * worth(10, 2))


def test_value_of_information():
    """Perfect information builds ten or two: it saves the eight that stand idle in the low branch."""
    found = plan.solve(newsvendor())
    known = 0.5 * worth(10, 10) + 0.5 * worth(2, 2)
    alone = [plan.solve(newsvendor(high=v, low=v)).value for v in (10.0, 2.0)]
    assert sum(alone) / 2 == pytest.approx(known)
    assert known - found.value == pytest.approx(0.5 * 8 * 3 * D26)


def test_value_of_the_stochastic_solution():
    """Planning for the mean of six would forgo four in the high branch."""
    mean = 0.5 * worth(6, 10) + 0.5 * worth(6, 2)
    assert plan.solve(newsvendor()).value - mean == pytest.approx(4 * (0.5 * 9 * D27 - 3 * D26))


def test_risk_aversion_builds_for_the_worst():
    """Counting only the worse half of futures, halls that stand idle there do not pay."""
    found = plan.solve(newsvendor(risk=Risk(weight=1.0, tail=0.5)))
    assert total(found.tables["orders"], item="hall", period="2026") == pytest.approx(2)
    assert found.value == pytest.approx(worth(2, 2))


def test_identical_branches_are_one_path():
    made = newsvendor(high=7.0, low=7.0)
    alone = seen_by(made, "high")
    single = plan.solve(replace(alone, tables=replace(alone.tables, scenarios=(), changes=())))
    assert plan.solve(newsvendor(high=7.0, low=7.0, chance=0.3)).value == pytest.approx(single.value)


def test_order_of_branches_does_not_matter():
    a, b = plan.solve(newsvendor(high=10.0, low=2.0)), plan.solve(newsvendor(high=2.0, low=10.0))
    assert a.value == pytest.approx(b.value, rel=1e-12)


def test_a_branch_leaves_its_past_alone():
    made = newsvendor()
    seen = seen_by(made, "high")
    path = seen.tables.demands[0].volume
    assert path.at(made.horizon.start) == made.tables.demands[0].volume.at(made.horizon.start) == 0
    assert path.at(made.horizon.periods[1].start) == 10


def test_prices_are_those_of_the_branch():
    """A hall more in the low branch is worth nothing; in the high branch it earns its margin, if it comes to that."""
    found = plan.solve(newsvendor())
    prices = found.tables["prices"]
    high = total(prices, "price", kind="capacity", scenario="high")
    assert high == pytest.approx(9 * D27) or high == pytest.approx(3 * D26 / 0.5)
    assert total(prices, "price", kind="capacity", scenario="low") == pytest.approx(0)
