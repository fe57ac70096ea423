"""What running costs, and what was paid ahead: variable cost, upkeep, penalties, prepayments, by entity and period."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from barbell.core.horizon import Month
from barbell.finance.operations import births, height_of_term
from barbell.study.chain import cells, decided
from barbell.study.chain.ground import Ground
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

Parts = Iterator[Input]


def costs(ground: Ground, entity: str, period: str) -> Parts:
    """Variable cost by process."""
    for name, process in ground.rows["processes"].items():
        found = getattr(process, "entity", "") == entity and running(ground, ["running", name, period])
        if found and found.value:
            yield Input(name, found.address)


def running(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``running/PROCESS/PERIOD``: variable cost: cost x index x mean activity x years."""
    _, name, period = parts if len(parts) == 3 else ("", "", "")
    if name not in ground.rows["processes"] or period not in ground.number:
        return None
    row, n = ground.row("processes", name), ground.number[period]
    inputs = [Input("cost", cells.steady(ground, "processes", name, "variable_cost", period))]
    inputs += [Input(f"index {row.index}", f"level/{row.index}/{period}")] if row.index else []
    inputs += [Input("activity", f"activity/{name}/{period}"), Input("years", f"horizon.{period}.years")]
    clock = ground.view.clock
    level = decided.activity(ground, [name, period])
    value = float(clock.mean(row.variable_cost)[n] * ground.view.levels[row.index][n] * clock.y[n]) * (level.value if level else 0.0)
    return Node("/".join(parts), f"variable cost of {name} in {period}", value, ground.case.money, PRODUCT, tuple(inputs))


def upkeeps(ground: Ground, entity: str, period: str) -> Parts:
    """Fixed opex by asset."""
    owners = {p.name: p.entity for p in ground.case.tables.programmes}
    for asset in ground.case.tables.assets:
        if asset.fixed_opex and owners[asset.programme] == entity:
            found = upkeep(ground, ["upkeep", asset.name, period])
            if found and found.value:
                yield Input(asset.name, found.address)


def upkeep(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``upkeep/ASSET/PERIOD``: fixed opex: cost x index x what stands x years; where the cost ages, by batch: ``upkeep/ASSET@PLACE:BATCH/PERIOD``."""
    _, spot, period = parts if len(parts) == 3 else ("", "", "")
    name, n = spot.partition("@")[0], ground.number.get(period)
    if name not in ground.rows["assets"] or n is None:
        return None
    asset, money = ground.row("assets", name), ground.case.money
    cost = asset.fixed_opex * float(ground.view.levels[asset.opex_index][n]) * ground.case.horizon.years[n]
    inputs = [Input("fixed_opex", cells.at("assets", name, "fixed_opex")), Input("units", f"fleet/{spot}/{period}")]
    inputs += [Input(f"index {asset.opex_index}", f"level/{asset.opex_index}/{period}")] if asset.opex_index else []
    inputs += [Input("years", f"horizon.{period}.years")]
    what, address = f"fixed opex of {spot} in {period}", "/".join(parts)
    if not asset.ageing:
        stands = decided.fleet(ground, [spot, period])
        return Node(address, what, cost * (stands.value if stands else 0.0), money, PRODUCT, tuple(inputs))
    batches = {key: v for key, v in ground.among("fleet", "item", "place", "batch", item=name, period=period).items() if v}
    born, start = _births(ground), int(ground.view.clock.start[n])
    aged = {key: (1 + asset.ageing) ** (max(start - born[key[:3]], 0) / 12) for key in batches}
    if "@" not in spot:
        named = {key: f"{key[0]}@{key[1]}:{key[2].removeprefix(f'{key[0]}@{key[1]}').strip()}" for key in batches}
        value = sum(cost * aged[key] * v for key, v in batches.items())
        return Node(address, what, value, money, SUM, tuple(Input(told, f"upkeep/{told}/{period}") for told in named.values()))
    place, _, batch = spot.partition("@")[2].partition(":")
    key = next((k for k in batches if k[:3] == (name, place, f"{name}@{place} {batch}")), None)
    if key is None:
        return None
    inputs.append(Input("ageing", f"aged/{spot}/{period}"))
    return Node(address, what, cost * aged[key] * batches[key], money, PRODUCT, tuple(inputs))


def _births(ground: Ground) -> dict[tuple[str, ...], int]:
    memo: dict[tuple[str, ...], int] = ground.memo.setdefault("births", {})
    if not memo:
        memo.update(births(ground.view).items())
    return memo


def aged(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``aged/ASSET@PLACE:BATCH/PERIOD``: by how much fixed opex has grown with age."""
    spot, period = parts[0], parts[-1]
    name, _, rest = spot.partition("@")
    place, _, batch = rest.partition(":")
    born = _births(ground).get((name, place, f"{name}@{place} {batch}"))
    if born is None or period not in ground.number:
        return None
    years = max(int(ground.view.clock.start[ground.number[period]]) - born, 0) / 12
    value = (1 + ground.row("assets", name).ageing) ** years
    inputs = (Input("ageing", cells.at("assets", name, "ageing")),)
    return Node(f"aged/{spot}/{period}", f"growth of fixed opex of {spot}", value, "1", inputs=inputs, said=f"(1 + ageing) ^ {years:g} years of age")


def penalties(ground: Ground, entity: str, period: str) -> Parts:
    """Penalties by demand, contract and milestone."""
    lost = ground.values("served", "item", column="lost")
    for demand in ground.case.tables.demands:
        if demand.entity == entity and demand.penalty and lost.get((demand.name, period)):
            yield Input(f"{demand.name} lost", f"penalty/{demand.name}/{period}")
    for contract in ground.case.tables.contracts:
        if contract.entity == entity and contract.penalty and abs(_missing(ground, contract.name, period)) > 0:
            yield Input(f"{contract.name} not delivered", f"penalty/{contract.name}/{period}")
    for gate in ground.case.tables.gates:
        programme = ground.row("programmes", gate.programme)
        if programme.entity == entity and gate.penalty:
            yield Input(f"milestone {gate.name}", f"penalty/{gate.name}/{period}")


def _missing(ground: Ground, contract: str, period: str) -> float:
    called, got = (ground.values("contracts", "item", column=column).get((contract, period), 0.0) for column in ("called", "delivered"))
    return called - got


def penalty(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``penalty/NAME/PERIOD``: of a demand for what is lost, of a contract for what is not delivered, of a milestone for what is missing."""
    _, name, period = parts if len(parts) == 3 else ("", "", "")
    if period not in ground.number:
        return None
    years, address = ground.case.horizon.years[ground.number[period]], "/".join(parts)
    time, money, what = Input("years", f"horizon.{period}.years"), ground.case.money, f"penalty of {name} in {period}"
    if name in ground.rows["demands"]:
        row, lost = ground.row("demands", name), ground.values("served", "item", column="lost").get((name, period), 0.0)
        inputs = (Input("lost", f"served/{name}/{period}/lost"), Input("penalty", cells.at("demands", name, "penalty")), time)
        return Node(address, what, row.penalty * lost * years, money, PRODUCT, inputs)
    if name in ground.rows["contracts"]:
        row = ground.row("contracts", name)
        terms = (
            Input("called", f"contracts/{name}/{period}/called"), Input("delivered", f"contracts/{name}/{period}/delivered"),
            Input("penalty", cells.at("contracts", name, "penalty")), time,
        )  # fmt: skip
        value = row.penalty * _missing(ground, name, period) * years
        return Node(address, what, value, money, "(called - delivered) * penalty * years", terms)
    return _milestone(ground, address, name, period) if name in ground.rows["gates"] else None


def _milestone(ground: Ground, address: str, name: str, period: str) -> Node:
    gate, n = ground.row("gates", name), ground.number[period]
    places = [p for p in ground.case.places if ground.case.inside(p, gate.place)]
    amounts = ground.values("fleet", "item", "place")
    units = sum(amounts.get((gate.asset, p, period), 0.0) for p in places)
    due = ground.case.horizon.periods[n].start >= Month.parse(gate.by)
    value = gate.penalty * ground.case.horizon.years[n] * max(gate.amount - units, 0.0) if due else 0.0
    if not due:
        return Node(address, f"milestone {name} in {period}", 0.0, ground.case.money, said=f"due from {gate.by}")
    stands = [Input(f"at_{k}", f"fleet/{gate.asset}@{p}/{period}") for k, p in enumerate(places) if (gate.asset, p, period) in amounts]
    told = " - ".join(["amount", *(one.name for one in stands)])
    inputs = (
        Input("penalty", cells.at("gates", name, "penalty")), Input("amount", cells.at("gates", name, "amount")), *stands,
        Input("years", f"horizon.{period}.years"),
    )  # fmt: skip
    return Node(address, f"milestone {name} in {period}", value, ground.case.money, f"penalty * max({told}, 0) * years", inputs)


def contracted(ground: Ground, entity: str, period: str) -> Parts:
    """Revenue by contract."""
    for contract in ground.case.tables.contracts:
        if contract.entity == entity and ground.values("contracts", "item", column="delivered").get((contract.name, period)):
            yield Input(contract.name, f"sales/{contract.name}/{period}")


def prepayments(column: str) -> Callable[[Ground, str, str], Parts]:
    """What is paid ahead, or credited, by contract: by what is ``signed`` or ``called``."""

    def parts(ground: Ground, entity: str, period: str) -> Parts:
        for contract in ground.case.tables.contracts:
            amount = ground.values("contracts", "item", column=column).get((contract.name, period))
            if contract.entity == entity and contract.prepayment and amount:
                yield Input(contract.name, f"prepaid/{contract.name}/{period}/{column}")

    return parts


def prepaid(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``prepaid/CONTRACT/PERIOD/COLUMN``: paid ahead when it is ``signed``, credited against what is ``called``."""
    if len(parts) != 4 or parts[1] not in ground.rows["contracts"] or parts[3] not in ("signed", "called"):
        return None
    _, name, period, column = parts
    row = ground.row("contracts", name)
    amount = ground.values("contracts", "item", column=column).get((name, period), math.nan)
    inputs = [Input(column, f"contracts/{name}/{period}/{column}")]
    inputs += [Input(field, cells.at("contracts", name, field)) for field in ("prepayment", "price", "take_or_pay", "usage")]
    ahead = "prepayment * price * max(1, take_or_pay / usage)"
    value = row.prepayment * row.price * max(1.0, row.take_or_pay / row.usage) * amount
    if column == "called":
        inputs.append(Input("years", f"horizon.{period}.years"))
        formula, value = f"called * years * {ahead}", value * ground.case.horizon.years[ground.number[period]]
    else:
        inputs.append(Input("term", f"term/{name}"))
        formula, value = f"signed * usage * term * {ahead}", value * row.usage * height_of_term(row)
    return Node("/".join(parts), f"paid ahead for {name} in {period}", value, ground.case.money, formula, tuple(inputs))


def term(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``term/CONTRACT``: years of full volume in a whole term; a ramp costs half of its length."""
    if parts[-1] not in ground.rows["contracts"]:
        return None
    inputs = tuple(Input(field, cells.at("contracts", parts[-1], field)) for field in ("term_months", "ramp_months"))
    value = height_of_term(ground.row("contracts", parts[-1]))
    return Node("/".join(parts), f"years of full volume of {parts[-1]}", value, "year", inputs=inputs, said="the term, less half of the ramp")
