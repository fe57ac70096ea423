"""Each kind of finding from a case that has exactly it; a clean case has none of them."""

import pytest

from barbell import plan
from barbell.core.nouns import Asset, Limit, Place, Process, Programme, Resource
from barbell.core.relations import Cohort, Contract, Conversion, Debt, Option, PriceStep, ProcessRate, Term, Use
from tests.small import built, case, horizon, market, number


def kinds(found, *left_out):
    """Kinds of the findings, without those that a case of two years always has."""
    usual = {"horizon shorter than what is built", *left_out}
    return [finding.kind for finding in found.findings if finding.kind not in usual]


def only(found, kind, *left_out):
    assert set(kinds(found, *left_out)) == {kind}
    (finding,) = [f for f in found.findings if f.kind == kind]
    return finding


def clean(**changed):
    """One hall, one market that pays, nothing to remark."""
    return {**built(capex=2.0, lead=0, volume=10.0, cost=1.0, prices=((1.0, 10.0),)), **changed}


def test_a_clean_case_has_no_findings():
    found = plan.review(case(**clean()))
    assert kinds(found) == [] and found.plan.value > 0


def hall_limits(**bounds):
    """Limits on the hall's orders: name=(sense, bound)."""
    limits = tuple(Limit(name=name, unit="MW", sense=sense, bound=number(bound)) for name, (sense, bound) in bounds.items())
    return {"limits": limits, "terms": tuple(Term(limit=name, measure="order", item="hall", coefficient=1.0) for name in bounds)}


def test_conflicts_come_one_after_the_other_each_with_how_far_to_move():
    extra = hall_limits(least=(">=", 12.0), most=("<=", 9.0), spare=("<=", 500.0))
    served = (Limit(name="sold", unit="MW", sense=">=", bound=number(30.0)),)
    extra = {"limits": extra["limits"] + served, "terms": (*extra["terms"], Term(limit="sold", measure="served", item="sell", coefficient=1.0))}
    found = plan.review(case(horizon(12), **clean(**extra)))
    assert found.plan is None and {f.severity for f in found.findings} == {"error"}
    sets = {}
    for finding in found.findings:
        sets.setdefault(finding.kind.partition(":")[0], {})[finding.what] = finding.fix
    assert sets["conflict 1"] == {"limit least": "lower it by 3 MW", "limit most": "raise it by 3 MW"}
    assert sets["conflict 2"] == {"limit most": "raise it by 21 MW", "limit sold": "lower it by 21 MW", "capacity hall at va": "raise it by 21 MW"}
    assert len(plan.review(case(horizon(12), **clean(**extra)), most=1).findings) == 2


def test_members_of_a_conflict_that_repeat_are_told_once():
    extra = hall_limits(least=(">=", 12.0), most=("<=", 9.0))
    (lines,) = {tuple(f.says for f in plan.review(case(**clean(**extra)), most=1).findings)}
    assert len(lines) == 2 and all("2026" in line or "2027" in line for line in lines)


def test_free_lunch():
    tables = clean(debts=(Debt(name="loan", entity="co", rate=0.03, fair_rate=0.06),))
    found = plan.review(case(**tables))
    assert found.plan is None and {f.kind for f in found.findings} == {"free lunch"}
    assert any("loan" in f.what for f in found.findings)


def test_limit_that_never_binds_tells_its_closest_approach():
    finding = only(plan.review(case(horizon(12), **clean(**hall_limits(most=("<=", 16.0))))), "limit never binds")
    assert finding.what == "limit most" and "10 of at most 16 MW, 38% left" in finding.says


def test_limit_that_cannot_bind_whatever_is_built():
    tables = clean(**hall_limits(most=("<=", 16.0), tight=("<=", 8.0)))
    finding = only(plan.review(case(horizon(12), **tables)), "limit implied by others")
    assert finding.what == "limit most" and "at most 8" in finding.says and "16" in finding.says


def test_a_binding_limit_is_no_finding():
    assert kinds(plan.review(case(horizon(12), **clean(**hall_limits(most=("<=", 8.0)))))) == []


def test_bound_beyond_all_use():
    tables = clean(**hall_limits(most=("<=", 8.0)))
    tables["options"] = (Option(asset="hall", place="va", order_limit=number(8000.0)),)
    finding = only(plan.review(case(horizon(12), **tables)), "bound beyond all use")
    assert finding.severity == "warning" and finding.what == "order limit hall@va" and "8,000 MW" in finding.says


def rivals(dear=20.0):
    """Two halls for one market: the second never pays at its price."""
    tables = clean()
    hall = tables["assets"][0]
    twin = Process(name="make2", unit="MW", where="va", entity="co", variable_cost=number(1.0))
    return tables | {
        "assets": (hall, hall.model_copy(update={"name": "annex", "capex": dear})),
        "options": (*tables["options"], Option(asset="annex", place="va")),
        "processes": (*tables["processes"], twin),
        "rates": (*tables["rates"], ProcessRate(process="make2", resource="good", rate=number(1.0))),
        "uses": (*tables["uses"], Use(process="make2", asset="annex", use=number(1.0))),
    }


def test_what_is_never_ordered_tells_the_price_that_would_make_it():
    found = plan.review(case(**rivals()))
    finding = only(found, "never ordered", "process never run", "other plans as good")
    assert finding.what == "annex@va"
    assert "from 20 to 2 MUSD2026/MW (-90.0%); solved again at -90.0%: 10 MW ordered" in finding.says
    assert [f.what for f in found.findings if f.kind == "process never run"] == ["make2"]


def test_the_review_leaves_the_plan_as_it_was():
    found = plan.review(case(**rivals()))
    assert found.plan.solver.solve().objective == pytest.approx(-found.plan.value, rel=1e-9)


def test_what_can_never_be_chosen_says_why():
    spare = {"unit": "MW", "capex": 1.0, "programme": "build", "life_months": 120}
    halls = (Asset(name="idle", **spare), Asset(name="late", lead_months=60, **spare), Asset(name="shut", **spare), Asset(name="nil", **spare))
    options = (
        Option(asset="idle", place="va"),
        Option(asset="late", place="va"),
        Option(asset="shut", place="va", opens="2040"),
        Option(asset="nil", place="va", order_limit=number(0.0)),
    )
    tables = clean()
    tables |= {"assets": tables["assets"] + halls, "options": tables["options"] + options}
    found = plan.review(case(**tables))
    says = {f.what.partition("@")[0]: f.says for f in found.findings if f.kind == "cannot be chosen"}
    assert set(says) == {"idle", "late", "shut", "nil"}
    assert "no process uses it" in says["idle"] and "60 months" in says["late"] and "closed" in says["shut"] and "room for none" in says["nil"]


def test_process_whose_asset_stands_nowhere():
    tables = clean()
    ghost = Asset(name="ghost", unit="MW", capex=1.0, programme="build", life_months=60)
    tables |= {"assets": (*tables["assets"], ghost), "options": (*tables["options"], Option(asset="ghost", place="va", opens="2040"))}
    tables |= {"processes": (*tables["processes"], Process(name="lone", unit="MW", where="va", entity="co", variable_cost=number(0.0)))}
    tables |= {"uses": (*tables["uses"], Use(process="lone", asset="ghost", use=number(1.0)))}
    finding = only(plan.review(case(**tables)), "process that can never run", "cannot be chosen")
    assert finding.what == "lone" and "ghost" in finding.says


def test_conversion_and_contract_that_are_never_chosen():
    tables = clean()
    annex = Asset(name="annex", unit="MW", capex=1.0, programme="build", life_months=120)
    tables |= {"assets": (*tables["assets"], annex), "conversions": (Conversion(name="turn", source="hall", target="annex", months=0, capex=50.0),)}
    tables |= {"contracts": (contract(price=0.5),)}
    found = plan.review(case(**tables))
    assert {f.kind: f.what for f in found.findings if "never" in f.kind and "binds" not in f.kind} == {
        "conversion never done": "turn",
        "contract never signed": "deal",
    }


def contract(**more):
    row = {"name": "deal", "market": "m", "resource": "good", "place": "va", "entity": "co", "term_months": 24, "penalty": 1.0}
    return Contract(**row | {"volume": number(5.0), "price": 5.0} | more)


def test_demand_that_no_process_can_ever_serve():
    tables = clean()
    tables |= {"options": (Option(asset="hall", place="va", opens="2040"),)}
    finding = only(plan.review(case(**tables)), "demand out of reach", "cannot be chosen", "process that can never run")
    assert finding.severity == "error" and "make would make it but can never run" in finding.says
    assert finding.worth == pytest.approx(10.0 * 10.0 * 2)


def test_demand_whose_route_comes_too_late():
    tables = clean(assets=built(capex=2.0, lead=12)["assets"])
    found = plan.review(case(horizon(12, 12), **tables))
    finding = only(found, "demand before its first route")
    assert finding.severity == "warning" and "no route before 2027" in finding.says and finding.worth == pytest.approx(100.0)
    patient = tables | {"demands": market(patience_months=24.0)["demands"]}
    assert only(plan.review(case(horizon(12, 12), **patient)), "demand before its first route").severity == "note"


def test_demand_that_pays_less_than_every_route_costs():
    tables = clean(price_steps=(PriceStep(demand="sell", step=1, share=1.0, price=number(0.5)),))
    finding = only(plan.review(case(**tables)), "demand below cost", "never ordered", "process never run")
    assert "brings in 0.5" in finding.says and "MUSD2026/(MW*year)" in finding.says


def test_contract_that_begins_before_anything_can_stand():
    tables = clean(assets=built(capex=2.0, lead=12)["assets"], contracts=(contract(starts="2026"),))
    found = plan.review(case(horizon(12, 12), **tables))
    finding = only(found, "contract before anything can stand", "demand before its first route")
    assert "5 MW called in 2026 where at most 0 can stand" in finding.says and finding.worth == pytest.approx(5 * 6)
    standing = Cohort(name="old", asset="hall", place="va", amount=8.0, service="2020")
    assert "contract before anything can stand" not in kinds(plan.review(case(horizon(12, 12), **tables, cohorts=(standing,))))


def test_slip_of_a_unit():
    spare = {"unit": "MW", "programme": "build", "life_months": 120}
    costs = {"a": 2.0, "b": 3.0, "c": 2500.0, "d": 4.0}
    halls = tuple(Asset(name=name, capex=capex, **spare) for name, capex in costs.items())
    options = clean()["options"] + tuple(Option(asset=name, place="va") for name in costs)
    found = [f for f in plan.review(case(**clean(assets=clean()["assets"] + halls, options=options))).findings if f.kind == "slip of a unit?"]
    assert [f.what for f in found] == ["assets c"] and "1,000 times more" in found[0].says


def test_more_power_out_than_in():
    tables = clean()
    tables |= {"resources": (*tables["resources"], Resource(name="power", unit="MW", kind="flow", level="site"))}
    feed = Process(name="feed", unit="MW", where="va", entity="co", variable_cost=number(0.1))
    tables |= {"processes": (*tables["processes"], feed)}
    rates = (ProcessRate(process="make", resource="power", rate=number(-0.5)), ProcessRate(process="feed", resource="power", rate=number(1.0)))
    tables |= {"rates": tables["rates"] + rates}
    finding = only(plan.review(case(**tables)), "more out than in")
    assert finding.what == "make" and "makes 1 MW of every 0.5" in finding.says


def test_free_of_cost_and_no_lead_time():
    tables = rivals(dear=0.0)
    assert "free of cost" in kinds(plan.review(case(**tables)))
    spare = {"unit": "MW", "capex": 1.0, "programme": "build", "life_months": 120, "lead_months": 6}
    slow = tuple(Asset(name=name, **spare) for name in ("a", "b", "c"))
    tables = clean(assets=clean()["assets"] + slow, options=clean()["options"] + tuple(Option(asset=a.name, place="va") for a in slow))
    assert [f.what for f in plan.review(case(**tables)).findings if f.kind == "no lead time"] == ["hall"]


def test_numbers_far_apart_name_both_ends():
    tables = clean(rates=(ProcessRate(process="make", resource="good", rate=number(1e-11)),))
    tables |= {"demands": market(volume=1e-10)["demands"], "price_steps": market(prices=((1.0, 1e12),))["price_steps"]}
    found = [f for f in plan.review(case(**tables)).findings if f.kind == "numbers far apart"]
    assert len(found) == 1 and "activity make@va" in found[0].says and "orders of magnitude" in found[0].says


def test_horizon_shorter_than_what_is_built():
    found = [f for f in plan.review(case(horizon(12), **clean())).findings if f.kind == "horizon shorter than what is built"]
    assert not found or "hall" in found[0].says
    long = built(capex=30.0, life=600, prices=((1.0, 10.0),))
    (finding,) = [f for f in plan.review(case(horizon(12), **long)).findings if f.kind == "horizon shorter than what is built"]
    assert "12 months" in finding.says and "hall" in finding.says


def test_other_plans_as_good():
    tables = rivals(dear=2.0)
    found = plan.review(case(**tables))
    assert "other plans as good" in kinds(found)


def test_findings_are_ordered_by_severity_then_worth():
    tables = clean(**hall_limits(most=("<=", 16.0))) | {"options": (Option(asset="hall", place="va", opens="2040"),)}
    tables |= {"programmes": (Programme(name="build", entity="co", envelope=number(1000.0)),)}
    found = plan.review(case(**tables)).findings
    order = [("error", "warning", "note").index(f.severity) for f in found]
    assert order == sorted(order) and found[0].kind == "demand out of reach"


def test_a_plan_in_whole_blocks_is_reviewed_and_left_as_it_was():
    tables = rivals() | {"assets": tuple(asset.model_copy(update={"block": 4.0}) for asset in rivals()["assets"])}
    found = plan.review(case(**tables))
    assert found.plan.status.method == "branch and bound"
    assert [f.what for f in found.findings if f.kind == "never ordered"] == ["annex@va"]
    assert found.plan.solver.solve().objective == pytest.approx(-found.plan.value, rel=1e-6)


def test_whole_blocks_that_collide():
    """Blocks of four between five and seven: no whole number of them fits, though the halves would."""
    tables = clean(**hall_limits(least=(">=", 5.0), most=("<=", 7.0)))
    tables |= {"assets": (tables["assets"][0].model_copy(update={"block": 4.0}),)}
    found = plan.review(case(horizon(12), **tables), most=1)
    assert {f.what for f in found.findings} == {"limit least", "limit most"}


def test_the_nearest_price_of_several_places_is_told_once():
    places = (Place(name="world", kind="world"), Place(name="va", kind="site", parent="world"), Place(name="oh", kind="site", parent="world"))
    tables = rivals()
    tables |= {"places": places, "options": (*tables["options"], Option(asset="annex", place="oh", capex_factor=2.0))}
    runs = tables["processes"]
    tables |= {"processes": (runs[0], runs[1].model_copy(update={"where": "site"}))}
    tables |= {"resources": (tables["resources"][0].model_copy(update={"level": "world"}),)}
    tables |= {"demands": (tables["demands"][0].model_copy(update={"place": "world"}),)}
    (finding,) = [f for f in plan.review(case(**tables)).findings if f.kind == "never ordered"]
    assert finding.what == "annex@va, oh" and "from 20 to 2 MUSD2026/MW (-90.0%) at va" in finding.says


def test_process_that_waits_for_what_is_never_ordered():
    (finding,) = [f for f in plan.review(case(**rivals())).findings if f.kind == "process never run"]
    assert finding.what == "make2" and "waits for annex" in finding.says
