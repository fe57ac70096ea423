"""What chips do and what that costs: work by chip and year, the cost of a year of work, annuities, ends of the range of a fact."""

from __future__ import annotations

import math
from collections.abc import Sequence

from barbell.core.path import number
from barbell.finance.yearly import RUNNING, Yearly, annuity
from barbell.study.chain import cells
from barbell.study.chain.ground import Ground
from barbell.study.chain.node import PRODUCT, SUM, Input, Node
from barbell.study.chain.powered import level, spans


def work(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``work/RESOURCE/YEAR``: mean rate at which chips make a resource in a year; ``work/RESOURCE/CHIP/YEAR``: those of one kind."""
    if len(parts) not in (2, 3):
        return None
    resource, chip, year = parts[0], parts[1] if len(parts) == 3 else "", parts[-1]
    unit = next((r.unit for r in ground.case.tables.resources if r.name == resource), "")
    chips = {a.name for a in ground.case.tables.assets if a.unit.endswith("chip") and chip in ("", a.name)}
    users = {use.process: use.asset for use in ground.case.tables.uses if use.asset in chips}
    rates = [rate for rate in ground.case.tables.rates if rate.resource == resource and rate.process in users]
    found = spans(ground, year)
    if not rates or not found:
        return None
    length, inputs, total = sum(span.years for span in found), [], 0.0
    for rate in rates:
        for span in found:
            times = max(rate.rate.mean(span.start, span.months), 0.0) * span.years / length
            runs = level(ground, rate.process, "", span.label)
            if times and runs:
                inputs.append(Input(f"{users[rate.process]} {span.label}", f"activity/{rate.process}/{span.label}", times))
                total += times * runs
    what = f"{resource} made by {chip or 'all chips'} in {year}, mean rate"
    return Node("/".join(("work", *parts)), what, total, unit, SUM, tuple(inputs))


def cost(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``year-cost/PROCESS/PERIOD``: cost of a unit of activity for a year, as if all that it takes were bought then; ``.../PART`` of it."""
    if len(parts) not in (2, 3) or parts[0] not in ground.rows["processes"] or parts[1] not in ground.number:
        return None
    process, period = parts[:2]
    found, unit = _parts(ground, process, period), f"{ground.case.money}/{ground.row('processes', process).unit}/year"
    address = "/".join(("year-cost", *parts))
    if len(parts) == 2:
        inputs = tuple(Input(name, f"{address}/{name}") for name in found)
        what = f"cost of a year of {process} at the prices of {period}"
        return Node(address, what, sum(found.values()), unit, SUM, inputs) if found else None
    if parts[2] not in found:
        return None
    return _part(ground, address, found[parts[2]], unit)


def _parts(ground: Ground, process: str, period: str) -> dict[str, float]:
    """Parts of the cost that are not nothing."""
    memo: dict[str, Yearly] = ground.memo.setdefault("yearly", {})
    if not memo:
        memo[""] = Yearly(ground.view, ())
    return {part: value for part, value in memo[""].of_process(process, ground.number[period]).items() if value}


def _part(ground: Ground, address: str, value: float, unit: str) -> Node:
    """A part of the cost of a year: a product of cells where the process itself takes it, else what the plan's mix makes of it."""
    _, process, period, name = address.split("/")
    inputs = _own(ground, process, period, name)
    what = f"{name} for a year of {process}"
    if inputs and math.isclose(_product(ground, inputs), value, rel_tol=1e-9):
        return Node(address, what, value, unit, PRODUCT, tuple(inputs))
    said = "for what the process draws: annuities, upkeep and running cost of what makes it, in the mix in which the plan makes it in that period"
    return Node(address, what, value, unit, said=said)


def _own(ground: Ground, process: str, period: str, name: str) -> list[Input]:
    """Cells that a part is the product of: units x price x index x annuity over the share that works, or the running cost."""
    if name == RUNNING:
        row = ground.row("processes", process)
        index = [Input(f"index {row.index}", f"level/{row.index}/{period}")] if row.index else []
        return [Input("cost", cells.steady(ground, "processes", process, "variable_cost", period)), *index]
    use = next((one for one in ground.case.tables.uses if (one.process, one.asset) == (process, name)), None)
    if use is None:
        return []
    asset = ground.row("assets", name)
    index = [Input(f"index {asset.index}", f"level/{asset.index}/{period}")] if asset.index else []
    return [
        Input("units", cells.steady(ground, "uses", use.id, "use", period)), Input("capex", cells.at("assets", name, "capex")), *index,
        Input("annuity", f"annuity/{name}"), Input("share at work", cells.steady(ground, "assets", name, "availability", period), -1.0),
    ]  # fmt: skip


def _product(ground: Ground, inputs: Sequence[Input]) -> float:
    total = 1.0
    for one in inputs:
        head, _, rest = one.address.partition("/")
        if head == "annuity":
            found = share(ground, [rest])
        elif head == "level":
            found = cells.level(ground, one.address, *rest.split("/"))
        else:
            found = cells.cell(ground, one.address)
        total *= (found.value if found else math.nan) ** one.times
    return total


def share(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``annuity/ASSET``: what a year takes of an asset's price, at the cost of capital of its owner over its life."""
    if len(parts) != 1 or parts[0] not in ground.rows["assets"]:
        return None
    asset = ground.row("assets", parts[0])
    owner = ground.row("programmes", asset.programme).entity
    rate, what = ground.row("entities", owner).discount_rate, f"annuity of {asset.name}"
    inputs = (Input("rate", cells.at("entities", owner, "discount_rate")), Input("months", cells.at("assets", asset.name, "life_months")))
    formula = "rate / (1 - (1 + rate) ** (0 - months / 12))" if rate else "12 / months"
    return Node(f"annuity/{asset.name}", what, annuity(rate, asset.life_months), "1/year", formula, inputs if rate else inputs[1:])


def end(ground: Ground, name: str) -> Node | None:
    """``@FACT/low`` and ``@FACT/high``: an end of the range of a fact that is one number."""
    fact, _, side = name.partition("/")
    found = cells.fact(ground, fact)
    if found is None or found.proof is None or side not in ("low", "high"):
        return None
    text = found.proof.low if side == "low" else found.proof.high
    try:
        value = number(text or found.text)
    except ValueError:
        return None
    return Node(f"@{name}", f"{side} end of the range of {fact}", value, found.unit, inputs=(Input(fact, f"@{fact}"),), said="as the fact has it")
