"""A shipped case reviewed: what is said of its facts, and a contradiction found at its size."""

import pytest

from barbell import study
from barbell.study.review import in_use, review, superseded
from tests.conftest import ROOT

AMAZON = ROOT / "cases" / "amazon-2026"


@pytest.fixture(scope="module")
def neocloud():
    return review(ROOT / "cases" / "neocloud")


def test_assumptions_are_ordered_by_what_their_range_moves(neocloud):
    found = [f for f in neocloud.findings if f.kind == "assumption that moves the value"]
    assert len(found) == 12 and [f.worth for f in found] == sorted((f.worth for f in found), reverse=True)
    assert all(f.where.file and f.where.line for f in found)


def test_the_first_order_of_an_assumption_is_near_to_solving_again(neocloud):
    """Rent of colocation from 1.6 to 2.2: what the review says to first order, and what planning finds; planning can only do better."""
    finding = next(f for f in neocloud.findings if f.what == "neo-colo_rent")
    said = [float(part.replace(",", "")) for part in finding.says.split("value ")[1].split(" MUSD")[0].split(" to ")]
    solved = study.plan(ROOT / "cases" / "neocloud", {"assets.colo.fixed_opex": "2.2 MUSD2026/MW/year"}).value - neocloud.plan.value
    assert said[1] < 0 and said[1] - 1 <= solved <= 0.9 * said[1]


def test_every_finding_has_words_and_every_option_a_confirmed_price(neocloud):
    assert neocloud.exit_code == 0
    assert all(f.says and f.what and f.severity in ("error", "warning", "note") for f in neocloud.findings)
    priced = [f for f in neocloud.findings if f.kind == "never ordered" and "would have to fall" in f.says]
    assert priced and all("ordered" in f.says.split("solved again")[1] for f in priced)


def test_facts_that_were_replaced_later_are_told():
    case = study.check(AMAZON, {"as_of": "2026-02-10"})
    slopes = {("limits", "capex_2026", "bound"): 50.0}
    found = {f.what: f for f in superseded(case, in_use(case), slopes)}
    assert found["amzn-capex_guide-2026"].worth == pytest.approx(50.0 * (220 / 200 - 1))
    assert not list(superseded(study.check(AMAZON, {"as_of": "2026-12-31"}), in_use(case), slopes))


def test_two_contradictions_planted_at_size_are_both_found():
    planted = {
        "limits.capex_2026.bound": "10 GUSD2026",
        "limits.nuclear_contract.sense": ">=",
        "limits.nuclear_contract.bound": "50 GW",
    }
    found = review(AMAZON, planted, most=2)
    assert found.exit_code == 2
    kinds = {}
    for finding in found.findings:
        kinds.setdefault(finding.kind.partition(":")[0], []).append(finding)
    assert [f.what for f in kinds["conflict 1"]] == ["limit capex_2026"] and "raise it by 34890.6 MUSD2026" in kinds["conflict 1"][0].fix
    assert "limit nuclear_contract" in [f.what for f in kinds["conflict 2"]]
