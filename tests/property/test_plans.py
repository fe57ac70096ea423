"""What must hold of every plan, whatever the case."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barbell import plan
from barbell.core.nouns import Asset, Entity, Limit, Process, Programme, Resource
from barbell.core.path import Path
from barbell.core.relations import Account, Change, Cohort, Debt, DepreciationClass, Option, Payment, ProcessRate, Scenario, Term, Use
from tests.small import built, case, horizon, number

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw, tree=False):
    """Two assets of different sort, a store, an upstream process, tax, payments: whatever is drawn is feasible."""
    rate = st.floats(0.0, 0.5)
    some = st.floats(0.5, 20.0)
    lengths = draw(st.lists(st.sampled_from([3, 6, 12, 24]), min_size=2, max_size=4))
    tables = built(
        capex=draw(some), life=draw(st.sampled_from([12, 36, 120])), lead=draw(st.sampled_from([0, 6, 12])), volume=draw(some),
        prices=((0.6, draw(st.floats(10, 30))), (0.4, draw(st.floats(1, 10)))), cost=draw(st.floats(0, 3)),
        asset={"retirable": draw(st.booleans()), "attrition": draw(rate), "fade": draw(rate), "recovery": draw(st.floats(0, 1)),
               "payment": "p", "depreciation": "d", "fixed_opex": draw(st.floats(0, 2))},
    )  # fmt: skip
    battery = Resource(name="store", unit="MWh", kind="stock", clock="period", level="site")
    fill = Process(name="fill", unit="MW", where="va", entity="co", variable_cost=number(0.1))
    empty = Process(name="empty", unit="MW", where="va", entity="co", variable_cost=number(0.0))
    shed = Asset(name="shed", unit="MW", capex=draw(some), programme="build", life_months=60, lead_months=3)
    more = {
        **tables,
        "resources": (*tables["resources"], battery),
        "processes": (*tables["processes"], fill, empty),
        "assets": (*tables["assets"], shed),
        "options": (*tables["options"], Option(asset="shed", place="va")),
        "uses": (*tables["uses"], Use(process="fill", asset="shed", use=number(1.0))),
        "rates": (
            *tables["rates"],
            ProcessRate(process="fill", resource="store", rate=number(5.0)),
            ProcessRate(process="empty", resource="store", rate=number(-5.0)),
            ProcessRate(process="empty", resource="good", rate=number(0.5)),
        ),
        "accounts": (Account(resource="store", place="va", initial=draw(some), loss=draw(rate)),),
        "entities": (Entity(name="co", discount_rate=draw(st.floats(0.02, 0.2)), tax_rate=draw(rate), losses=draw(some), cash=100.0),),
        "programmes": (Programme(name="build", entity="co", envelope=number(draw(st.floats(5, 100)))),),
        "classes": (DepreciationClass(name="d", months=48, method=draw(st.sampled_from(["straight", "declining"])), bonus=draw(rate)),),
        "payments": (Payment(name="p", anchor="order", months=0, share=0.4), Payment(name="p", anchor="service", months=1, share=0.6)),
        "cohorts": (Cohort(name="old", asset="hall", place="va", amount=draw(some), service="2025", book_value=3.0),),
        "limits": (Limit(name="cap", unit="MW", sense="<=", bound=number(draw(some))),),
        "terms": (Term(limit="cap", measure="order", item="hall", coefficient=1.0),),
    }
    calendar = horizon(*lengths)
    if tree:
        opens = str(calendar.periods[1].start)
        more["scenarios"] = tuple(Scenario(name=n, opens=opens, probability=0.5) for n in ("up", "down"))
        more["changes"] = (Change(scenario="up", path="demands.sell.volume", factor=draw(st.floats(1.0, 3.0))),)
    return case(calendar, **more)


def solved(made):
    return plan.solve(made)


@given(cases())
@SETTINGS
def test_nothing_stands_that_was_neither_there_nor_ordered(made):
    tables = solved(made).tables
    for asset in ("hall", "shed"):
        there = sum(c.amount for c in made.tables.cohorts if c.asset == asset)
        orders = tables["orders"].filter((tables["orders"]["item"] == asset) & (tables["orders"]["action"] == "order"))
        ordered = np.cumsum([orders.filter(orders["period"] == p)["value"].sum() for p in made.horizon.labels])
        fleet = tables["fleet"].filter(tables["fleet"]["item"] == asset)
        stands = np.array([fleet.filter(fleet["period"] == p)["value"].sum() for p in made.horizon.labels])
        assert (stands <= there + ordered + 1e-6).all()


@given(cases())
@SETTINGS
def test_accounts_balance(made):
    """What is made less what is sold is nothing; the store holds what it held, less losses, plus what came in."""
    found = solved(made)
    t = found.tables
    act = {(r["item"], r["period"]): r["value"] for r in t["activity"].iter_rows(named=True)}
    level, stocks = made.tables.accounts[0].initial, {r["period"]: r["value"] for r in t["stocks"].iter_rows(named=True)}
    for p, years in zip(made.horizon.labels, made.horizon.years, strict=True):
        sold = t["served"].filter(t["served"]["period"] == p)["served"].sum()
        assert act["make", p] + 0.5 * act["empty", p] - sold == pytest.approx(0, abs=1e-6)
        level = level * (1 - made.tables.accounts[0].loss) ** years + 5 * years * (act["fill", p] - act["empty", p])
        assert stocks[p] == pytest.approx(level, abs=1e-5)


@given(cases())
@SETTINGS
def test_cash_ties(made):
    """Cash at the end is cash at the start plus free cash flow, period by period."""
    money = solved(made).tables["money"]
    line = {name: money.filter(money["line"] == name)["value"].to_list() for name in money["line"].unique()}
    assert line["cash"] == pytest.approx(100 + np.cumsum(line["free cash flow"]), abs=1e-6)


@given(cases(), st.floats(0.0, 5.0))
@SETTINGS
def test_a_limit_more_never_raises_value(made, bound):
    limit = Limit(name="more", unit="MW", sense="<=", bound=number(bound))
    term = Term(limit="more", measure="served", item="sell", coefficient=1.0)
    t = made.tables
    tighter = replace(made, tables=replace(t, limits=(*t.limits, limit), terms=(*t.terms, term)))
    before, after = solved(made).value, solved(tighter).value
    assert after <= before + 1e-6 * max(1, abs(before))


def scaled(row, factor, fields):
    def times(value):
        return value.map(lambda v: v * factor) if isinstance(value, Path) else value * factor

    return row.model_copy(update={f: times(getattr(row, f)) for f in fields})


@given(cases(), st.sampled_from([0.001, 0.5, 1000.0]))
@SETTINGS
def test_scaling_money_scales_value(made, factor):
    """Counting in another unit of money changes the value by the same factor."""
    t = made.tables
    tables = replace(
        t,
        assets=tuple(scaled(a, factor, ("capex", "fixed_opex")) for a in t.assets),
        processes=tuple(scaled(p, factor, ("variable_cost",)) for p in t.processes),
        price_steps=tuple(scaled(s, factor, ("price",)) for s in t.price_steps),
        programmes=tuple(scaled(p, factor, ("envelope",)) for p in t.programmes),
        entities=tuple(scaled(e, factor, ("losses", "cash")) for e in t.entities),
        cohorts=tuple(scaled(c, factor, ("book_value", "price")) for c in t.cohorts),
    )
    assert solved(replace(made, tables=tables)).value == pytest.approx(factor * solved(made).value, rel=1e-6, abs=1e-6 * factor)


@given(cases(), st.floats(0.01, 0.2))
@SETTINGS
def test_fair_debt_changes_neither_plan_nor_value(made, rate):
    debt = Debt(name="loan", entity="co", rate=rate, fair_rate=rate, opening=7.0)
    plain, financed = solved(made), solved(replace(made, tables=replace(made.tables, debts=(debt,))))
    assert financed.value == pytest.approx(plain.value, rel=1e-7, abs=1e-6)


@given(cases(tree=True), st.floats(0.2, 1.0))
@SETTINGS
def test_nothing_anticipates(made, factor):
    """Before the fork there is one plan; and the past of a branch cannot tell its siblings apart."""
    found = solved(made)
    orders = found.tables["orders"]
    first = made.horizon.labels[0]
    assert set(orders.filter(orders["period"] == first)["scenario"]) == {"trunk"}
    change = Change(scenario="down", path="demands.sell.volume", factor=factor)
    other = replace(made, tables=replace(made.tables, changes=(*made.tables.changes, change)))
    from barbell.core.branch import seen_by

    for branch in ("up", "down"):
        before = seen_by(other, branch).tables.demands[0].volume.at(made.horizon.start)
        assert before == made.tables.demands[0].volume.at(made.horizon.start)
    worse = solved(other)
    assert worse.value <= found.value + 1e-6 * max(1, abs(found.value))


@given(cases())
@SETTINGS
def test_prices_lie_between_one_sided_values(made):
    for b in plan.explain(solved(made), top=5):
        tolerance = 1e-3 * max(1.0, abs(b.price))
        assert b.low - tolerance <= b.price <= b.high + tolerance
