"""What stands: lead times, lives, attrition, cohorts, retirement, conversions, takes, blocks."""

import pytest

from barbell import plan
from barbell.core.errors import InfeasibleError, UnboundedError
from barbell.core.nouns import Asset, Limit, Process, Resource
from barbell.core.relations import Account, Cohort, Conversion, Debt, Option, Payment, ProcessRate, Take, Term, Use
from tests.small import built, case, horizon, market, number, total


def fleet(found, item="hall"):
    frame = found.tables["fleet"].filter(found.tables["fleet"]["item"] == item)
    return [total(frame, period=p) for p in found.case.horizon.labels]


def cohort(**more):
    return Cohort(**{"name": "old", "asset": "hall", "place": "va", "amount": 8.0, "service": "2024", **more})


NONE = {"closes": "2000"}


def standing(calendar, cohorts, **asset):
    """Only cohorts, no orders."""
    tables = built(asset=asset)
    return plan.solve(case(calendar, **{**tables, "options": (), "cohorts": cohorts}))


def test_cohorts_stand_arrive_and_wear_out():
    found = standing(horizon(12, 12, 12), (cohort(remaining_months=24), cohort(name="new", amount=3.0, service="2027", paid=0.5, price=10.0)))
    assert fleet(found) == pytest.approx([8, 11, 3])
    assert total(found.tables["money"], line="capex", period="2026") == pytest.approx(-15)


def test_attrition_compounds():
    found = standing(horizon(12, 12, 12), (cohort(),), attrition=0.1)
    assert fleet(found) == pytest.approx([8, 7.2, 6.48])


@pytest.mark.parametrize("tracked", [False, True])
def test_orders_wear_out(tracked):
    """Lumped and vintage by vintage, the same fleet and value."""
    tables = built(capex=1.0, life=24, asset={"recovery": 0.5, "retirable": tracked, "attrition": 0.2})
    found = plan.solve(case(horizon(12, 12, 12, 12), **tables))
    assert fleet(found) == pytest.approx([10, 10, 10, 10])
    lumped = plan.solve(case(horizon(12, 12, 12, 12), **built(capex=1.0, life=24, asset={"recovery": 0.5, "attrition": 0.2})))
    assert found.value == pytest.approx(lumped.value)


def test_fade_and_gain_change_what_a_unit_does():
    found = standing(horizon(12, 12), (cohort(service="2026"),), fade=0.25)
    assert [total(found.tables["served"], "served", period=p) for p in ("2026", "2027")] == pytest.approx([8, 6])


def test_retired_when_not_worth_keeping():
    found = standing(horizon(12, 12), (cohort(),), fixed_opex=20.0, retirable=True)
    assert fleet(found) == pytest.approx([0, 0])
    assert total(found.tables["orders"], action="retire", period="2026") == pytest.approx(8)


def test_late_order_is_worth_what_was_paid():
    """Forced to order what arrives after the end: the payment comes back at the end, a year and a half later."""
    tables = built(lead=36, volume=0.0)
    force = {"limits": (Limit(name="force", unit="MW", sense=">=", bound=number(2.0), ends="2027"),)}
    force["terms"] = (Term(limit="force", measure="order", item="hall", coefficient=1.0),)
    found = plan.solve(case(**tables, **force))
    assert found.value == pytest.approx(2 * 10 * (1.1**-2 - 1.1**-0.5))


def test_payments_follow_their_profile():
    profile = (Payment(name="thirds", anchor="order", months=0, share=0.25), Payment(name="thirds", anchor="service", months=0, share=0.75))
    tables = built(capex=10.0, lead=12, asset={"payment": "thirds"}, volume="2026:0 2027:10")
    found = plan.solve(case(**tables, payments=profile))
    capex = [total(found.tables["money"], line="capex", period=p) for p in ("2026", "2027")]
    assert capex == pytest.approx([-25, -75])


def test_conversion_is_out_of_service_and_comes_back_as_another_asset():
    """Air halls turn liquid over a year, one half more of a neighbour standing still meanwhile."""
    tables = built()
    liquid = Asset(name="liquid", unit="MW", capex=10.0, programme="build", life_months=120)
    process = Process(name="dense", unit="MW", where="va", entity="co", variable_cost=number(0.0))
    turn = Conversion(name="retrofit", source="hall", target="liquid", months=12, capex=1.0, gain=2.0, outage=0.5, limit=number(2.0))
    made = case(
        horizon(12, 12),
        **{
            **tables,
            "options": (),
            "assets": (*tables["assets"], liquid),
            "processes": (*tables["processes"], process),
            "rates": (*tables["rates"], ProcessRate(process="dense", resource="good", rate=number(1.0))),
            "uses": (*tables["uses"], Use(process="dense", asset="liquid", use=number(1.0))),
            "cohorts": (cohort(),),
            "conversions": (turn,),
            "limits": (Limit(name="all", unit="MW", sense=">=", bound=number(4.0), starts="2027"),),
            "terms": (Term(limit="all", measure="fleet", item="liquid", coefficient=1.0),),
        },
    )
    found = plan.solve(made)
    assert fleet(found) == pytest.approx([6, 6]) and fleet(found, "liquid") == pytest.approx([0, 4])
    assert total(found.tables["served"], "served", period="2026") == pytest.approx(5)  # 8 less 2 converted, less half of 2
    assert total(found.tables["money"], line="capex", period="2026") == pytest.approx(-2)


def test_takes_draw_on_stocks_and_budgets():
    """Two slots in store and three a year: five halls in the first year, three in the second."""
    tables = built(capex=1.0, prices=((1.0, 100.0),))
    slot = Resource(name="slot", unit="slot", kind="stock", clock="period", level="site")
    source = Process(name="fab", unit="slot", where="va", entity="co", variable_cost=number(0.0))
    found = plan.solve(
        case(
            **{
                **tables,
                "resources": (*tables["resources"], slot),
                "processes": (*tables["processes"], source),
                "rates": (*tables["rates"], ProcessRate(process="fab", resource="slot", rate=number(1.0))),
                "takes": (Take(asset="hall", resource="slot", amount=1.0),),
                "accounts": (Account(resource="slot", place="va", initial=2.0),),
                "limits": (Limit(name="fab", unit="slot", sense="<=", bound=number(3.0)),),
                "terms": (Term(limit="fab", measure="activity", item="fab", coefficient=1.0),),
            }
        )
    )
    assert fleet(found) == pytest.approx([5, 8])


def test_whole_blocks():
    tables = built(capex=1.0, prices=((1.0, 100.0),), volume=10.0, asset={"block": 4.0, "recovery": 0.0})
    found = plan.solve(case(horizon(12), **tables))
    assert fleet(found) == pytest.approx([12])
    assert found.status.method == "branch and bound" and found.status.gap <= 1e-4
    assert plan.explain(found)


def test_fair_debt_changes_nothing_and_cheap_debt_is_a_free_lunch():
    tables = built()
    plain = plan.solve(case(**tables))
    fair = plan.solve(case(**tables, debts=(Debt(name="loan", entity="co", rate=0.06, fair_rate=0.06, opening=5.0),)))
    assert fair.value == pytest.approx(plain.value, rel=1e-9)
    with pytest.raises(UnboundedError, match="loan"):
        plan.solve(case(**tables, debts=(Debt(name="loan", entity="co", rate=0.03, fair_rate=0.06),)))


def test_free_lunch_names_the_process():
    with pytest.raises(UnboundedError, match="make@va") as caught:
        plan.solve(case(**{**market(cost=-1.0), "rates": (), "resources": (), "demands": (), "price_steps": ()}))
    assert caught.value.lunch


def test_conflict_is_minimal_and_says_how_much_to_relax():
    tables = built(lead=24, volume=20.0)
    limits = (
        Limit(name="must", unit="MW", sense=">=", bound=number(12.0), owner="board"),
        Limit(name="spare", unit="MW", sense="<=", bound=number(1000.0)),
    )
    terms = tuple(Term(limit=name, measure="served", item="sell", coefficient=1.0) for name in ("must", "spare"))
    with pytest.raises(InfeasibleError) as caught:
        plan.solve(case(**{**tables, "cohorts": (cohort(),), "limits": limits, "terms": terms}))
    found = {(c.kind, c.item): c for c in caught.value.conflict}
    assert set(found) == {("limit", "must"), ("capacity", "hall")}
    assert found["limit", "must"].relax == pytest.approx(-4)
    assert found["capacity", "hall"].relax == pytest.approx(4)


def test_opening_dates_and_order_limits():
    tables = built(capex=1.0, prices=((1.0, 100.0),))
    option = Option(asset="hall", place="site", opens="2027", order_limit=number(4.0))
    found = plan.solve(case(horizon(12, 12, 6), **{**tables, "options": (option,)}))
    assert fleet(found) == pytest.approx([0, 4, 6])
