"""Where cash comes from besides business: debt and interest, returns, tax, and the cash that is carried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from barbell.study.chain import cells, decided
from barbell.study.chain.ground import SEAM, Ground
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

COLUMNS = {"borrowed": "draw", "repaid": "repay", "financing fees": "fee", "interest": "interest", "debt": "debt"}
"""Lines of debt, and the column of each facility that they sum."""
FLOWS = {"free cash flow": 1, "borrowed": 1, "repaid": -1, "financing fees": -1, "transfers received": 1}
"""What changes cash, with its sign."""
At = Callable[[str, str], str]
"""Address of a line of the entity in a period."""


def line(ground: Ground, node: Node, entity: str, name: str, period: str, at: At) -> Node:
    """A line of money of one entity that no business brings."""
    n = ground.number[period]
    before = at("cash", ground.labels[n - 1]) if n else cells.at("entities", entity, "cash")
    if name in COLUMNS:
        debts_ = [d.name for d in ground.case.tables.debts if d.entity == entity]
        return replace(node, formula=SUM, inputs=tuple(Input(d, f"debts/{d}/{period}/{COLUMNS[name]}") for d in debts_))
    if name == "base business cash":
        base = cells.steady(ground, "entities", entity, "base_cash", period)
        return replace(node, formula=PRODUCT, inputs=(Input("base_cash", base), Input("years", f"horizon.{period}.years")))
    if name == "return on cash":
        rate = Input("cash_yield", cells.at("entities", entity, "cash_yield"))
        inputs = (Input("cash", before), rate, Input("gap", f"horizon.{period}.gap"))
        return replace(node, formula="cash * ((1 + cash_yield) ** gap - 1)", inputs=inputs)
    if name == "cash":
        there = [Input(f, at(f, period), float(s)) for f, s in FLOWS.items() if ground.stated["period", entity, "own", f, period][0]]
        return replace(node, formula=SUM, inputs=(Input("cash before", before), *there))
    if name == "tax":
        terms = (Input("tax_rate", cells.at("entities", entity, "tax_rate")), Input("taxable income", f"taxed/{entity}/{period}"))
        return replace(node, formula=PRODUCT, inputs=terms)
    return replace(node, said="decided by the plan: what parent and children pay each other, within what they may")


def taxed(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``taxed/ENTITY/PERIOD``: taxable income as the plan has it."""
    _, entity, period = parts if len(parts) == 3 else ("", "", "")
    tax = ground.values("money", "line", "entity").get(("tax", entity, period))
    rate = ground.row("entities", entity).tax_rate if entity in ground.rows["entities"] else 0.0
    if tax is None:
        return None
    said = (
        "as planned: margin less deductions of property by class and bonus, interest that is deductible, and losses carried forward "
        "(equation 6 in docs/guide/equations.md)"
    )
    value = -tax / rate if rate else 0.0
    return Node("/".join(parts), f"taxable income of {entity} in {period}", value, ground.case.money, said=said)


def debts(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``debts/NAME/PERIOD/COLUMN``: draw, repay, debt (at the end), interest and fee of a facility."""
    if len(parts) != 4 or parts[1] not in ground.rows["debts"]:
        return None
    _, name, period, column = parts
    amounts = {c: ground.values("debts", "item", column=c) for c in ("draw", "repay", "debt")}
    key, row, money, address = (name, period), ground.row("debts", name), ground.case.money, "/".join(parts)
    if key not in amounts["debt"] or column not in (*amounts, "interest", "fee"):
        return None
    what = f"{name}: {column} in {period}"
    before = decided.earlier(ground, amounts["debt"], (name,), period)
    owed = Input("owed", f"debts/{name}/{before}/debt" if before else cells.at("debts", name, "opening"))
    if column in ("draw", "repay"):
        said = "decided by the plan: borrowing and repaying, within the limit of the facility"
        return Node(
            address, what, amounts[column][key], money, inputs=(Input("limit", cells.at("debts", name, "limit")),) if row.limit else (), said=said
        )
    if column == "debt":
        flows = (Input("drawn", f"debts/{name}/{period}/draw"), Input("repaid", f"debts/{name}/{period}/repay", -1.0))
        return Node(address, what, amounts["debt"][key], money, SUM, (owed, *flows))
    if column == "fee":
        terms = (Input("drawn", f"debts/{name}/{period}/draw"), Input("fee", cells.at("debts", name, "fee")))
        return Node(address, what, row.fee * amounts["draw"][key], money, PRODUCT, terms)
    label = period.partition(SEAM)[0]
    owing = amounts["debt"][name, before] if before else row.opening
    gap = float(ground.view.clock.gap[ground.number[label]])
    inputs = (owed, Input("rate", cells.at("debts", name, "rate")), Input("gap", f"horizon.{label}.gap"))
    return Node(address, what, ((1 + row.rate) ** gap - 1) * owing, money, "owed * ((1 + rate) ** gap - 1)", inputs)
