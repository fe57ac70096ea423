"""What is bought: its price, its cost, and what of it is paid when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from barbell.core.horizon import Month
from barbell.finance.projects import COHORT, CONVERSION, ORDER, class_of
from barbell.study.chain import cells
from barbell.study.chain.ground import Ground, slug
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

EXPENSED = "expensed"
"""Stands in an address for the class of what is never capitalised."""


def price(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``price/ASSET@PLACE/PERIOD``: price of a unit ordered in a period: capex, times its index, times the factor of the place."""
    if len(parts) != 2 or parts[1] not in ground.number:
        return None
    item, _, place = parts[0].partition("@")
    option = ground.view.options.get((item, place))
    if option is None:
        return None
    asset, n = ground.row("assets", item), ground.number[parts[1]]
    inputs = [Input("capex", cells.at("assets", item, "capex"))]
    if asset.index:
        inputs.append(Input(f"index {asset.index}", f"level/{asset.index}/{parts[1]}"))
    if option.capex_factor != 1:
        inputs.append(Input("place factor", cells.at("options", option.id, "capex_factor")))
    value = asset.capex * float(ground.view.levels[asset.index][n]) * option.capex_factor
    unit = f"{ground.case.money}/{asset.unit}"
    return Node("/".join(("price", *parts)), f"price of {item} ordered at {place} in {parts[1]}", value, unit, PRODUCT, tuple(inputs))


def purchase(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``bought/NAME``: cost of a purchase, where NAME is ``ASSET@PLACE/PERIOD``, ``convert:NAME@PLACE/PERIOD`` or ``cohort:NAME``."""
    n = ground.bought.get("/".join(parts))
    if n is None:
        return None
    found, address = ground.projects, "/".join(("bought", *parts))
    source, asset, place, money = found.source[n], found.asset[n], found.place[n], ground.case.money
    if source == ORDER:
        inputs = (Input("units", f"orders/{asset}@{place}/{parts[-1]}"), Input("price", f"price/{asset}@{place}/{parts[-1]}"))
        return Node(address, f"{asset} ordered at {place} in {parts[-1]}", float(found.cost[n]), money, PRODUCT, inputs)
    if source.startswith(COHORT):
        name = source.removeprefix(COHORT)
        terms = tuple(Input(field, cells.at("cohorts", name, field)) for field in ("amount", "price"))
        return Node(address, f"{asset} at {place} under way at the start ({name})", float(found.cost[n]), money, PRODUCT, terms)
    row = ground.row("conversions", source.removeprefix(CONVERSION))
    parts_ = (
        Input("units begun", f"orders/{row.source}@{place}:convert-by-{slug(row.name)}/{parts[-1]}"),
        Input("capex", cells.at("conversions", row.name, "capex")),
        *((Input(f"index {row.index}", f"level/{row.index}/{parts[-1]}"),) if row.index else ()),
    )
    return Node(address, f"conversion {row.name} at {place} in {parts[-1]}", float(found.cost[n]), money, PRODUCT, parts_)


def paid(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``paid/NAME/PERIOD``: what is paid of a purchase in a period."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    n = ground.bought.get(name)
    if n is None or period not in ground.number:
        return None
    found, address = ground.projects, "/".join(("paid", *parts))
    value, cost = float(found.paid[n, ground.number[period]]), Input("cost", f"bought/{name}")
    what = f"paid in {period} for {name.replace('/', ' of ').replace(':', ' ')}"
    if found.source[n].startswith(COHORT):
        row = found.source[n].removeprefix(COHORT)
        inputs = (cost, Input("paid", cells.at("cohorts", row, "paid")), Input("share", f"share/{name}/{period}"))
        return Node(address, what, value, ground.case.money, "cost * (1 - paid) * share", inputs)
    return Node(address, what, value, ground.case.money, PRODUCT, (cost, Input("share paid", f"share/{name}/{period}")))


def share(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``share/NAME/PERIOD``: share of a purchase's price (of a cohort's unpaid rest) that falls due in a period."""
    name, period = "/".join(parts[:-1]), parts[-1] if parts else ""
    n = ground.bought.get(name)
    if n is None or period not in ground.number:
        return None
    address, what = "/".join(("share", *parts)), f"share of the price of {name} due in {period}"
    found, t, start = ground.projects, ground.number[period], ground.case.horizon.start
    if found.source[n].startswith(COHORT):
        months = np.arange(start.index, max(int(found.due[n]), start.index + 1))
        due = float((ground.view.clock.holding(months) == t).mean())
        return Node(address, what, due, "1", said=f"in equal monthly parts from the start to {Month(int(found.due[n]))}, when it enters service")
    asset = ground.row("assets", found.asset[n])
    if found.source[n] != ORDER or not asset.payment:
        return Node(address, what, 1.0, "1", said="all is paid at once")
    inputs = tuple(_instalments(ground, n, t))
    value = math.fsum(cells.number(ground, "payments", one.address.split(".", 1)[1].rpartition(".")[0], "share") for one in inputs)
    return Node(address, what, value, "1", SUM, inputs)


def _instalments(ground: Ground, n: int, t: int) -> Iterator[Input]:
    """Instalments of the profile of an order that fall due in a period: never before the order, counted from it or from service."""
    found, clock = ground.projects, ground.view.clock
    ordered = int(clock.start[int(found.ordered[n])])
    service = int(found.service[n])
    begins = int(clock.edges[service]) if service < clock.count else int(found.due[n])
    for row in ground.case.tables.payments:
        if row.name == ground.row("assets", found.asset[n]).payment:
            month = max((ordered if row.anchor == "order" else begins) + row.months, ordered)
            if int(clock.holding(np.array([month]))[0]) == t:
                side = "after" if row.months >= 0 else "before"
                yield Input(f"{abs(row.months)} months {side} {row.anchor}", cells.at("payments", row.id, "share"))


def payments(ground: Ground, entity: str, klass: str, period: str) -> tuple[Input, ...]:
    """Everything that an entity pays in a period for a class of property, or for what is expensed."""
    memo = ground.memo.setdefault("payments", {})
    if not memo:
        _gather(ground, memo)
    found: tuple[Input, ...] = tuple(memo.get((entity, klass, period), ()))
    return found


def _gather(ground: Ground, memo: dict[tuple[str, str, str], list[Input]]) -> None:
    found, view = ground.projects, ground.view
    names = [e.name for e in ground.case.tables.entities]
    for name, n in ground.bought.items():
        asset = found.asset[n]
        klass = class_of(view, asset) if view.capitalised[asset] else EXPENSED
        for t in np.flatnonzero(found.paid[n, :-1]):
            told = name.replace("/", ", ordered ").replace("cohort:", "under way: ")
            memo.setdefault((names[view.owner[asset]], klass, ground.labels[t]), []).append(Input(told, f"paid/{name}/{ground.labels[t]}"))
