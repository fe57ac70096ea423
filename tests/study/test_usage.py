"""Where facts go: derived facts and their inputs, the cases that use them, and what a case may use."""

import pytest

from barbell import facts
from barbell.core.errors import FactError
from barbell.study import check, derived, formula, known, search, sheet, uses
from tests.conftest import ROOT

CASES = sorted(path.parent for path in (ROOT / "cases").glob("*/case.yaml"))


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_case_uses_the_newest_version_of_its_day(folder):
    """Every fact exists; what is superseded since is used only because the case says a day before it."""
    case = check(folder)
    used = {origin.fact for origin in case.origins.values() if origin.fact}
    then = known(case.as_of or "9999-12-31")
    assert used <= set(then)
    kept = {fact.name: fact for fact in case.tables.facts}
    assert used <= set(kept) and len(kept) == len(case.tables.facts)
    for name in used & {figure.name for figure in facts.figures()}:
        newest = facts.fact(name, case.as_of or "9999-12-31")
        assert kept[name].as_of == newest.as_of and kept[name].value == newest.value, name
        later = [version for version in facts.versions(name) if version.as_of > newest.as_of]
        assert not later or case.as_of, f"{name} is superseded, and {case.name} names no day"


def test_every_derived_fact_names_inputs_that_are_known():
    then = known("2026-02-10")
    made = derived("2026-02-10")
    assert len(made) > 200
    for fact in made.values():
        words, inputs = formula(fact)
        assert words and inputs and set(inputs) <= set(then), fact.name


def test_uses_run_through_derived_facts():
    found = {use.case: use for use in uses("chip-h100-utility_power")}
    assert set(found) == {"amazon-2026", "neocloud"}
    assert all("it_power-h100" in use.via for use in found.values())
    assert "rates.train_h100/it_air.rate" in {use.case: use.cells for use in uses("it_power-h100")}["amazon-2026"]
    assert uses("grc-economy-gdp_nominal-2023") == ()


def test_a_sheet_of_a_stored_fact():
    found = sheet("chip-gb200-rack_price")
    assert found.conflict.taken.value == found.fact.value == "3750000" and len(found.versions) == 3
    assert found.formula == "" and found.inputs == ()
    assert sheet("chip-gb200-rack_price", "2025-12-31").fact.value == "3400000"


def test_a_sheet_of_a_derived_fact():
    found = sheet("it_power-h100", "2026-02-10")
    assert found.formula == "power at the meter / design PUE" and found.versions == () and found.conflict is None
    power, overhead = (float(fact.value) for fact in found.inputs)
    assert [fact.name for fact in found.inputs] == ["chip-h100-utility_power", "pue-peak-air"]
    assert float(found.fact.value) == pytest.approx(power / overhead)


def test_sheets_of_nothing_and_of_bad_days():
    with pytest.raises(FactError, match="Did you mean 'it_power-h100'"):
        sheet("it_powr-h100", "2026-02-10")
    with pytest.raises(FactError, match="not a day"):
        sheet("it_power-h100", "2026")
    with pytest.raises(FactError, match="not known on 2020-01-01, only from"):
        sheet("amzn-capex_guide-2026", "2020-01-01")


def test_search_finds_stored_and_derived_facts():
    names = [fact.name for fact in search(["h100", "power"], "2026-02-10")]
    assert {"chip-h100-utility_power", "it_power-h100"} <= set(names)
    assert names.index("chip-h100-utility_power") < names.index("it_power-h100")
    assert search(["zebra"]) == ()
