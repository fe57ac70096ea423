"""What is sold: demand by price step, market and contract, with the price that buyers pay."""

from __future__ import annotations

import math
from collections.abc import Sequence

from barbell.study.chain import cells
from barbell.study.chain.ground import SEAM, Ground
from barbell.study.chain.node import SUM, Input, Node

COLUMNS = ("asked", "served", "waiting", "lost", "price")
DELIVERED = ("signed", "called", "delivered", "missing")
_LEAST = 1e-9
_SAID = {
    "served": "decided by the plan: what is sold to these buyers, as far as it is worth its cost and there is capacity for it",
    "waiting": "follows from the plan: asked, not served and not yet lost, at the end of the period",
    "lost": "follows from the plan: asked and given up, at the patience of the buyers",
    "signed": "decided by the plan: what is signed of the contracts on offer",
    "called": "what is under contract times the share that customers call",
    "delivered": "decided by the plan: what is delivered of what is called",
}


def served(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``served/DEMAND/PERIOD/COLUMN``, of one price step after a colon; columns asked, served, waiting, lost, and of a step its price."""
    if len(parts) == 2:
        parts = (*parts, "served")
    if len(parts) != 3 or parts[2] not in COLUMNS or parts[0].partition(":")[0] not in ground.rows["demands"]:
        return None
    name, _, step = parts[0].partition(":")
    period, column = parts[1:]
    amounts = ground.values("served", "item", "step", column=column)
    here = {key[1]: v for key, v in amounts.items() if key[0] == name and key[2] == period and (not step or key[1] == step)}
    if not here:
        return None
    unit, address = ground.row("resources", ground.row("demands", name).resource).unit, "/".join(("served", *parts))
    if not step:
        if column == "price":
            return None
        inputs = tuple(Input(f"step {s}", f"served/{name}:{s}/{period}/{column}") for s, v in here.items() if v)
        return Node(address, f"{name} {column} in {period}", sum(here.values()), unit, SUM, inputs)
    if column == "price":
        return _price(ground, address, name, step, period, here[step])
    if column == "asked":
        return _asked(ground, address, name, step, period, here[step], unit)
    return Node(address, f"{name}, step {step}, {column} in {period}", here[step], unit, said=_SAID[column])


def _asked(ground: Ground, address: str, name: str, step: str, period: str, value: float, unit: str) -> Node:
    """Volume times the share of the step; a profile is a mean of its own and only named."""
    label = period.partition(SEAM)[0]
    inputs = (
        Input("volume", cells.steady(ground, "demands", name, "volume", label)),
        Input("share", cells.at("price_steps", f"{name}/{step}", "share")),
    )
    flat = not ground.row("demands", name).profile and SEAM not in period
    what = f"{name}, step {step}, asked in {period}"
    if flat:
        return Node(address, what, value, unit, "product", inputs)
    return Node(address, what, value, unit, inputs=inputs, said="volume × share × mean of the profile, as this future has them")


def _price(ground: Ground, address: str, name: str, step: str, period: str, value: float) -> Node:
    """What buyers of a step pay: the price of one step, where it is that; else a mean of steps partly served."""
    label, unit = period.partition(SEAM)[0], f"{ground.case.money}/({_unit(ground, name)}*year)"
    rows = {row.id: row for row in ground.case.tables.price_steps if row.demand == name}
    spots = {f"step {row.step}": cells.steady(ground, "price_steps", key, "price", label) for key, row in rows.items()}
    amounts = {told: (found.value if (found := cells.cell(ground, spot)) else math.nan) for told, spot in spots.items()}
    same = [told for told, amount in amounts.items() if math.isclose(amount, value, rel_tol=1e-9)]
    what = f"price that buyers of {name}, step {step}, pay in {period}"
    if same and SEAM not in period:
        told = f"step {step}" if f"step {step}" in same else same[-1]
        return Node(address, what, value, unit, SUM, (Input(f"price of {told}", spots[told]),))
    inputs = tuple(Input(told, spot) for told, spot in spots.items())
    said = "one price for all who buy, between the prices of the steps, the last of them partly served"
    return Node(address, what, value, unit, inputs=inputs, said=said)


def _unit(ground: Ground, demand: str) -> str:
    return str(ground.row("resources", ground.row("demands", demand).resource).unit)


def contracts(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``contracts/NAME/PERIOD/COLUMN``: signed, called or delivered of a contract."""
    if len(parts) != 3 or parts[2] not in DELIVERED or parts[0] not in ground.rows["contracts"]:
        return None
    name, period, column = parts
    if column == "missing":
        return _missing(ground, name, period)
    value = ground.values("contracts", "item", column=column).get((name, period))
    if value is None:
        return None
    unit = ground.row("resources", ground.row("contracts", name).resource).unit
    inputs = [Input(field, cells.at("contracts", name, field)) for field in ("usage", "ramp_months", "term_months") if column == "called"]
    inputs += [Input("volume", cells.steady(ground, "contracts", name, "volume", period.partition(SEAM)[0]))] if column != "delivered" else []
    address = "/".join(("contracts", *parts))
    if column == "delivered":
        called = ground.values("contracts", "item", column="called")[name, period]
        if math.isclose(value, called, rel_tol=1e-9, abs_tol=1e-12):
            return Node(address, f"{name} delivered in {period}", value, unit, SUM, (Input("called", f"contracts/{name}/{period}/called"),))
    return Node(address, f"{name} {column} in {period}", value, unit, inputs=tuple(inputs), said=_SAID[column])


def _missing(ground: Ground, name: str, period: str) -> Node | None:
    """What is called of a contract and not delivered."""
    both = [contracts(ground, (name, period, column)) for column in ("called", "delivered")]
    called, got = (found.value if found else math.nan for found in both)
    if math.isnan(called):
        return None
    unit = both[0].unit if both[0] else ""
    inputs = tuple(Input(c, f"contracts/{name}/{period}/{c}", s) for c, s in (("called", 1.0), ("delivered", -1.0)))
    return Node(f"contracts/{name}/{period}/missing", f"{name} called and not delivered in {period}", called - got, unit, SUM, inputs)


def sales(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``sales/DEMAND:STEP/PERIOD`` and ``sales/CONTRACT/PERIOD``: revenue of a price step or a contract in a period."""
    if len(parts) != 2 or parts[1] not in ground.number:
        return None
    (spot, period), name = parts, parts[0].partition(":")[0]
    years, address = Input("years", f"horizon.{period}.years"), "/".join(("sales", *parts))
    length = ground.case.horizon.years[ground.number[period]]
    if name in ground.rows["demands"] and ":" in spot:
        step = spot.partition(":")[2]
        got = ground.values("served", "item", "step", column="served").get((name, step, period), math.nan)
        price = ground.values("served", "item", "step", column="price").get((name, step, period), math.nan)
        inputs = (Input("served", f"served/{spot}/{period}/served"), Input("price", f"served/{spot}/{period}/price"), years)
        value = got * price * length if got else 0.0
        return Node(address, f"revenue of {name}, step {step}, in {period}", value, ground.case.money, "product", inputs)
    if name not in ground.rows["contracts"]:
        return None
    row, got = ground.row("contracts", name), ground.values("contracts", "item", column="delivered").get((name, period), math.nan)
    value = got * row.price * max(1.0, row.take_or_pay / row.usage) * length
    terms = (
        Input("delivered", f"contracts/{name}/{period}/delivered"),
        *(Input(field, cells.at("contracts", name, field)) for field in ("price", "take_or_pay", "usage")), years,
    )  # fmt: skip
    formula = "delivered * price * max(1, take_or_pay / usage) * years"
    return Node(address, f"revenue of the contract {name} in {period}", value, ground.case.money, formula, terms)


def of_market(ground: Ground, entity: str, market: str, period: str) -> list[Input]:
    """Everything that an entity sells in a market in a period. A speck that a solver leaves has no price and is no sale."""
    found = []
    prices = ground.values("served", "item", "step", column="price")
    for (item, step, when), amount in ground.values("served", "item", "step", column="served").items():
        demand = ground.row("demands", item)
        priced = not math.isnan(prices.get((item, step, when), math.nan))
        if when == period and amount > 0 and priced and (demand.entity, demand.market) == (entity, market):
            found.append(Input(f"{item}, step {step}", f"sales/{item}:{step}/{period}"))
    signed = [c.name for c in ground.case.tables.contracts if (c.entity, c.market) == (entity, market)]
    got = ground.values("contracts", "item", column="delivered")
    return found + [Input(f"contract {name}", f"sales/{name}/{period}") for name in signed if got.get((name, period))]


def market(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``market/MARKET/PART/TIME``, where the market has several resources ``market/MARKET:RESOURCE/...``: rates by period, means by year.

    Parts: served, waiting, lost, contract (delivered under contract), and all (served and under contract).
    """
    if len(parts) != 3 or parts[1] not in ("served", "waiting", "lost", "contract", "all"):
        return None
    name, _, resource = parts[0].partition(":")
    part, time = parts[1:]
    case = ground.case
    demands = [d for d in case.tables.demands if d.market == name and resource in ("", d.resource)]
    signed = [c for c in case.tables.contracts if c.market == name and resource in ("", c.resource)]
    wanted = [*(d.resource for d in demands), *(c.resource for c in signed)]
    units = {ground.row("resources", one).unit for one in wanted}
    if len(units) != 1:
        return None
    if time not in ground.number:
        return _year(ground, parts, units.pop())
    inputs = [Input(d.name, f"served/{d.name}/{time}/{'served' if part == 'all' else part}") for d in demands if part != "contract"]
    if part in ("contract", "all"):
        inputs += [Input(c.name, f"contracts/{c.name}/{time}/delivered") for c in signed]
    if part == "lost":
        inputs += [Input(f"{c.name} called", f"contracts/{c.name}/{time}/called") for c in signed]
        inputs += [Input(f"{c.name} delivered", f"contracts/{c.name}/{time}/delivered", -1.0) for c in signed]
    makers = {"served": served, "contracts": contracts}
    values = [(found, one) for one in inputs if (found := makers[one.address.split("/")[0]](ground, one.address.split("/")[1:]))]
    amount = math.fsum(one.times * found.value for found, one in values)
    kept = tuple(one for found, one in values if found.value)
    return Node("/".join(("market", *parts)), f"{name}: {_TOLD[part]} in {time}", amount, units.pop(), SUM, kept)


_TOLD = {"served": "served", "waiting": "waiting", "lost": "lost", "contract": "delivered under contract", "all": "served and under contract"}


def _year(ground: Ground, parts: Sequence[str], unit: str) -> Node | None:
    """Mean rate of a year, over what of it is reported."""
    name, part, year = parts
    horizon = ground.case.horizon
    spans = {p.label: p.years for p in horizon.periods if str(p.start.year) == year and p.start < horizon.report_end}
    if not spans:
        return None
    whole, total, inputs = sum(spans.values()), 0.0, []
    for label, years in spans.items():
        found = market(ground, (name, part, label))
        if found is not None and found.value:
            total += found.value * years / whole
            inputs.append(Input(label, found.address, years / whole))
    return Node("/".join(("market", *parts)), f"{name}: {_TOLD[part]}, mean of {year}", total, unit, SUM, tuple(inputs))
