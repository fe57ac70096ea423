"""What must hold of the statements of every plan, on random cases: they tie with the plan and close."""

import polars as pl
import pytest

from barbell import plan
from barbell.finance import statements
from tests.finance.reading import closes, line
from tests.random_cases import FEATURES, features_of, random_block_case, random_case, random_tree_case

SEEDS = [*range(len(FEATURES) + 1), *range(200, 230)]


def scale(found, entity):
    rows = found.tables["money"].filter(pl.col("entity") == entity)
    return max(1.0, float(rows["value"].abs().max()))


def ties(found, told, entity):
    """Line by line against the plan's own money, which the equations wrote."""
    money = found.tables["money"].filter(pl.col("entity") == entity)
    theirs = {name: money.filter(pl.col("line") == name)["value"].to_list() for name in money["line"].unique()}
    tolerance = 1e-6 * scale(found, entity)
    capex = [a + b for a, b in zip(line(told, "capex", entity), line(told, "expensed spend", entity), strict=True)]
    assert capex == pytest.approx([-v for v in theirs["capex"]], abs=tolerance)
    assert line(told, "revenue", entity) == pytest.approx(theirs["revenue"], abs=tolerance)
    for name in ("variable cost", "fixed opex", "penalties"):
        assert line(told, name, entity) == pytest.approx([-v for v in theirs[name]], abs=tolerance), name
    assert line(told, "prepayments received", entity) == pytest.approx(theirs["prepayments received"], abs=tolerance)
    assert line(told, "free cash flow of the programmes", entity) == pytest.approx(theirs["free cash flow"], abs=tolerance)


def adds_up(told, entity, scope):
    """Totals are the sums of their parts, and cash flow walks from income to cash."""

    def get(name):
        return line(told, name, entity, scope)

    frame = told.lines.filter((pl.col("entity") == entity) & (pl.col("scope") == scope))
    for name in ("revenue", "depreciation", "capex"):
        parts = frame.filter(pl.col("line").str.starts_with(f"{name}: "))
        if not parts.is_empty():
            assert parts.group_by("period", maintain_order=True).agg(pl.col("value").sum())["value"].to_list() == pytest.approx(get(name), abs=1e-6)
    lines = {name: get(name) for name in frame["line"].unique()}
    for t in range(len(lines["revenue"])):
        at = {name: values[t] for name, values in lines.items() if len(values) == len(lines["revenue"])}
        running = at["revenue"] - at["variable cost"] - at["fixed opex"] - at["penalties"] - at["expensed spend"]
        assert at["operating income"] == pytest.approx(running - at["depreciation"] - at["write-offs"], abs=1e-6)
        other = (
            at["base business cash"] + at["return on cash"] - at["interest"] - at["tax"] + at["prepayments received"] - at["prepayments recognised"]
        )
        assert at["operating cash flow"] == pytest.approx(running + other, abs=1e-6)
        assert at["free cash flow"] == pytest.approx(at["operating cash flow"] - at["capex"], abs=1e-6)


def walks(told, entity, opening):
    """Cash is what it was, free cash flow, and what was raised."""
    cash, owed = opening, None
    for t, closing in enumerate(line(told, "cash", entity)):
        flows = [line(told, name, entity)[t] for name in ("free cash flow", "borrowed", "transfers received", "repaid", "financing fees")]
        cash += flows[0] + flows[1] + flows[2] - flows[3] - flows[4]
        assert closing == pytest.approx(cash, rel=1e-6, abs=1e-6)
        debt = line(told, "debt", entity)[t]
        assert owed is None or debt == pytest.approx(owed + flows[1] - flows[3], rel=1e-6, abs=1e-6)
        cash, owed = closing, debt


def holds(found):
    told = statements(found.case, found.tables)
    closes(told)
    for entity in found.case.tables.entities:
        ties(found, told, entity.name)
        adds_up(told, entity.name, "own")
        walks(told, entity.name, entity.cash)
    adds_up(told, found.case.tables.entities[0].name, "consolidated")
    return told


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed}-{'+'.join(features_of(seed))[:40]}")
def test_statements_tie_and_close(seed):
    found = plan.solve(random_case(seed))
    told = holds(found)
    spent = told.payments.filter(pl.col("period").is_in(list(found.case.horizon.labels)))["value"].sum()
    assert spent == pytest.approx(sum(-v for v in found.tables["money"].filter(pl.col("line") == "capex")["value"]), rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_statements_of_every_branch(seed):
    found = plan.solve(random_tree_case(seed))
    for scenario in ("trunk", *(row.name for row in found.case.tables.scenarios)):
        told = statements(found.case, found.tables, scenario)
        closes(told)
        for entity in found.case.tables.entities:
            adds_up(told, entity.name, "own")
            walks(told, entity.name, entity.cash)


@pytest.mark.parametrize("seed", range(4))
def test_statements_of_whole_blocks(seed):
    holds(plan.solve(random_block_case(seed)))
