"""What the books charge: vintages with their depreciation and write-offs, and the roll-forwards of property."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from barbell.core.horizon import Month
from barbell.finance.projects import class_of
from barbell.finance.vintages import Vintage
from barbell.study.chain import cells
from barbell.study.chain.ground import Ground, slug
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

ROLLS = {
    "capital": {"additions": 1, "transfers": 1, "depreciation": -1, "disposals": -1},
    "construction": {"paid": 1, "transfers": 1, "placed": -1},
    "payables": {"accrued": 1, "settled": -1},
}
"""Roll-forwards, with the sign of what lies between opening and closing."""
_SAID = {
    "transfers": "book value of what is converted moves between what is in service and what is under construction",
    "placed": "all that was paid for what enters service in the period",
    "accrued": "what is still owed for what enters service in the period",
    "settled": "payments after entering service",
}


def roll(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``capital/ENTITY:CLASS/PERIOD/COLUMN``, likewise ``construction`` and ``payables``: opening, what happens, closing."""
    if len(parts) != 4 or parts[0] not in ROLLS:
        return None
    name, spot, period, column = parts
    values = _rolls(ground, name)
    entity, _, klass = spot.partition(":")
    hit = next((key for key in values if (key[0], slug(key[1]), key[2], key[3]) == (entity, slug(klass), period, column)), None)
    if hit is None:
        return None
    signs, address, what = ROLLS[name], "/".join(parts), f"{name} of {entity}, {hit[1]}: {column} of {period}"
    value, money, n = values[hit], ground.case.money, ground.number[period]
    if column == "closing":
        inputs = [Input("opening", f"{name}/{spot}/{period}/opening")]
        inputs += [Input(one, f"{name}/{spot}/{period}/{one}", float(sign)) for one, sign in signs.items() if values[(*hit[:3], one)]]
        return Node(address, what, value, money, SUM, tuple(inputs))
    if column == "opening" and n:
        return Node(address, what, value, money, SUM, (Input("closing before", f"{name}/{spot}/{ground.labels[n - 1]}/closing"),))
    if name == "capital" and column != "transfers":
        return Node(address, what, value, money, SUM, tuple(_charges(ground, entity, hit[1], period, column)))
    before = "paid before the start for what is under way" if column == "opening" else "payments for what is not yet in service"
    return Node(address, what, value, money, said=_SAID.get(column, before))


def _rolls(ground: Ground, name: str) -> dict[tuple[str, ...], float]:
    memo = ground.memo.setdefault("rolls", {})
    if name not in memo:
        frame = ground.frame(f"statements/{name}")
        keys = ("entity", "class", "period")
        memo[name] = {
            (*(str(row[k]) for k in keys), column): float(row[column])
            for row in frame.iter_rows(named=True) for column in frame.columns if column not in (*keys, "unit")
        }  # fmt: skip
    found: dict[tuple[str, ...], float] = memo[name]
    return found


def _charges(ground: Ground, entity: str, klass: str, period: str, column: str) -> Iterator[Input]:
    """Vintages of an entity and class that bring something to a column of what is in service."""
    view, n = ground.view, ground.number[period]
    names = [e.name for e in ground.case.tables.entities]
    for name, (v, _) in ground.vintages.items():
        if (names[view.owner[v.asset]], class_of(view, v.asset)) == (entity, klass):
            if column == "depreciation" and abs(charge(ground, name, n)) > 0:
                yield Input(name, f"charged/{name}/{period}")
            elif column == "disposals" and v.gone[n] > 0 and (found := written(ground, [name, period])) and found.value:
                yield Input(name, f"written/{name}/{period}")
            elif (column == "additions" and v.period == n) or (column == "opening" and v.period < 0 and n == 0):
                yield Input(name, f"vintage/{name}")


def depreciation(ground: Ground, entity: str, klass: str, period: str) -> tuple[Input, ...]:
    """Charges of a class by vintage."""
    return tuple(_charges(ground, entity, klass, period, "depreciation"))


def disposals(ground: Ground, entity: str, klass: str, period: str) -> tuple[Input, ...]:
    """Write-offs of a class by vintage."""
    return tuple(_charges(ground, entity, klass, period, "disposals"))


def vintage(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``vintage/NAME``: what the books carry of a vintage in its first month; NAME is ``ASSET@PLACE:PERIOD`` of service, or of a cohort."""
    found = ground.vintages.get("/".join(parts))
    if found is None:
        return None
    (v, cost), address = found, "/".join(("vintage", *parts))
    what = f"cost of {parts[0].replace(':', ', in service ')}"
    if v.rows:
        names = {n: name for name, n in ground.bought.items()}
        inputs = [Input(names[row], f"bought/{names[row]}") for row in v.rows]
        inputs += [Input(f"book value converted into {names[row]}", f"carried/{names[row]}") for row in v.rows if row in ground.carried]
        return Node(address, what, cost, ground.case.money, SUM, tuple(inputs))
    return _stood(ground, address, what, v, cost)


def _stood(ground: Ground, address: str, what: str, v: Vintage, cost: float) -> Node:
    """A cohort that stood at the start: historic price times amount times the share of life that is left."""
    life = ground.row("assets", v.asset).life_months
    rest = min(v.months / life, 1.0) if v.depreciated else 1.0
    rows = [c for c in ground.case.tables.cohorts if (c.asset, c.place) == (v.asset, v.place)]
    hit = next((c for c in rows if math.isclose(c.price * c.amount * rest, cost, rel_tol=1e-9, abs_tol=1e-12)), None)
    if hit is None:
        return Node(address, what, cost, ground.case.money, said="book value of what stood at the start; nothing of it is left in the books")
    name = address.removeprefix("vintage/")
    inputs = [Input("price", cells.at("cohorts", hit.name, "price")), Input("amount", cells.at("cohorts", hit.name, "amount"))]
    if rest < 1:
        inputs += [Input("months left", f"months/{name}"), Input("life in months", cells.at("assets", v.asset, "life_months"), -1.0)]
    what = f"book value at the start of {hit.name}, {v.asset} at {v.place}"
    return Node(address, what, cost, ground.case.money, PRODUCT, tuple(inputs))


def months(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``months/NAME``: months over which the books charge a vintage."""
    found = ground.vintages.get("/".join(parts))
    if found is None:
        return None
    v = found[0]
    inputs = (Input("life_months", cells.at("assets", v.asset, "life_months")),)
    said = f"from {Month(v.month)} to the end of its life: from the month in which it entered service, or what remained at the start"
    return Node("/".join(("months", *parts)), f"months in the books of {parts[0]}", float(v.months), "month", inputs=inputs, said=said)


def carried(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``carried/NAME``: book value of what a purchase converts, which moves on into it."""
    n = ground.bought.get("/".join(parts), -1)
    if n not in ground.carried:
        return None
    said = "book value of what is converted: it is not written off but charged over the life of what it becomes"
    return Node("/".join(("carried", *parts)), f"book value converted into {'/'.join(parts)}", ground.carried[n], ground.case.money, said=said)


def charge(ground: Ground, name: str, n: int) -> float:
    """Depreciation of a vintage in the period of that number."""
    v, cost = ground.vintages[name]
    if not v.depreciated or v.stands[n] <= 0:
        return 0.0
    return float(cost * v.stands[n] * _due(ground, v, n) / v.months)


def _due(ground: Ground, v: Vintage, n: int) -> int:
    """Months of a period in which the vintage is charged."""
    start, stop = int(ground.view.clock.edges[n]), int(ground.view.clock.edges[n + 1])
    return max(0, min(stop, v.month + v.months) - max(start, v.month))


def charged(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``charged/NAME/PERIOD``: depreciation of a vintage: cost still standing x months of the period in its life / life."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    if name not in ground.vintages or period not in ground.number:
        return None
    n = ground.number[period]
    inputs = (
        Input("cost", f"vintage/{name}"), Input("standing", f"stands/{name}/{period}"),
        Input("months charged", f"due/{name}/{period}"), Input("months of life", f"months/{name}", -1.0),
    )  # fmt: skip
    what = f"depreciation in {period} of {name.replace(':', ', in service ')}"
    return Node("/".join(("charged", *parts)), what, charge(ground, name, n), ground.case.money, PRODUCT, inputs)


def due(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``due/NAME/PERIOD``: months of a period in which a vintage is charged."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    if name not in ground.vintages or period not in ground.number:
        return None
    v = ground.vintages[name][0]
    said = f"months of {period} between {Month(v.month)} and {Month(v.month + v.months)}"
    return Node("/".join(("due", *parts)), f"months charged in {period}", float(_due(ground, v, ground.number[period])), "month", said=said)


def stands(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``stands/NAME/PERIOD``: share of a vintage that stands in a period."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    if name not in ground.vintages or period not in ground.number:
        return None
    v, n = ground.vintages[name][0], ground.number[period]
    address, what, value = "/".join(("stands", *parts)), f"share of {name} that stands in {period}", float(v.stands[n])
    attrition = ground.row("assets", v.asset).attrition
    first = max(v.period, 0)
    years = (int(ground.view.clock.start[n]) - int(ground.view.clock.start[first])) / 12
    inputs = (Input("attrition", cells.at("assets", v.asset, "attrition")),) if attrition else ()
    said = "all of it stands" if value == 1 else f"after {years:g} years of attrition, and what was retired, converted or worn out"
    return Node(address, what, value, "1", inputs=inputs if value != 1 else (), said=said)


def written(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``written/NAME/PERIOD``: book value written off of a vintage: what leaves, times the share of its life that was left."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    if name not in ground.vintages or period not in ground.number:
        return None
    (v, cost), n = ground.vintages[name], ground.number[period]
    left = float(v.left(ground.view.clock.start)[n])
    value = float(cost * v.gone[n] * left) - _out(ground, name, n)
    inputs = (Input("cost", f"vintage/{name}"),)
    said = f"{v.gone[n]:.4%} of it leave at the start of {period}, when {left:.2%} of the cost are not yet charged; what is converted moves on"
    return Node("/".join(("written", *parts)), f"written off in {period} of {name}", value, ground.case.money, inputs=inputs, said=said)


def _out(ground: Ground, name: str, n: int) -> float:
    """Book value of a vintage that moves into what it is converted to."""
    memo = ground.memo.setdefault("out", {})
    if not memo:
        from barbell.finance.carried import carry

        _, out = carry(ground.view, ground.projects, [v for v, _ in ground.vintages.values()])
        memo.update(zip(ground.vintages, out, strict=True))
    return float(memo[name][n])
