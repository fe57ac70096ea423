"""What the plan is worth: its value by part, discounted money by period, and the figures of the headline."""

from __future__ import annotations

from collections.abc import Sequence

from barbell.core.branch import TRUNK
from barbell.core.units import factor
from barbell.study.chain import cells, stated
from barbell.study.chain.ground import SEAM, Ground, slug
from barbell.study.chain.node import SUM, Input, Node

STATED = {
    "revenue": {"revenue": 1}, "variable cost": {"variable cost": -1}, "fixed opex": {"fixed opex": -1}, "penalties": {"penalties": -1},
    "prepayments received": {"prepayments received": 1}, "prepayments credited": {"prepayments recognised": -1},
    "capex": {"capex": -1, "expensed spend": -1}, "tax": {"tax": -1}, "free cash flow": {"free cash flow of the programmes": 1}, "cash": {"cash": 1},
}  # fmt: skip
"""The plan's lines of money, and the lines of the statements that say the same with their signs."""
LINES = {
    "capex_by_year": "capex", "revenue_by_year": "revenue", "operating_income_by_year": "operating income", "free_cash_flow_by_year": "free cash flow"
}  # fmt: skip
_SAID = {
    "stocks": "worth of what is left in stock at the end of the horizon",
    "financing": "worth of debt that is cheaper or dearer than fair",
    "price of risk": "what the weight of the worst futures takes away",
}


def value(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``value`` is the sum of its parts; ``value/PART`` the discounted money of a line over all periods, entities and futures."""
    found = parts_of(ground)
    if not found:
        return None
    money = ground.case.money
    if not parts:
        inputs = tuple(Input(name, f"value/{slug(name)}") for name, amount in found.items() if amount)
        return Node("value", "value of the plan today", sum(found.values()), money, SUM, inputs)
    name = next((name for name in found if slug(name) == slug("/".join(parts))), None)
    if name is None:
        return None
    address, what = f"value/{slug(name)}", f"{name}, discounted to today"
    rows = [] if name.startswith("closing") else [key for key in ground.values("money", "line", "entity") if key[0] == name]
    if not rows:
        said = (
            "worth at the end of the horizon of what is then there, discounted (docs/guide/equations.md, value)"
            if ":" in name
            else _SAID.get(name, "")
        )
        return Node(address, what, found[name], money, said=said)
    inputs = tuple(
        Input(f"{entity} {period}", f"money/{entity}/{slug(name)}/{period}", _weight(ground, entity, period))
        for _, entity, period in rows if ground.values("money", "line", "entity")[name, entity, period]
    )  # fmt: skip
    return Node(address, what, found[name], money, SUM, inputs)


def parts_of(ground: Ground) -> dict[str, float]:
    """Parts of the plan's value."""
    frame = ground.frame("parts")
    return dict(frame.select("part", "value").iter_rows()) if frame.width else {}


def _weight(ground: Ground, entity: str, period: str) -> float:
    """Discount factor of an entity's money in a period, times the chance of its branch."""
    label, _, branch = period.partition(SEAM)
    rate = ground.row("entities", entity).discount_rate
    return float((1 + rate) ** -ground.case.horizon.middles[ground.number[label]] * ground.chance[branch or TRUNK])


def money(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``money/ENTITY/LINE/PERIOD``: a line of the plan's own money, signed as it moves cash."""
    if len(parts) != 3:
        return None
    entity, line, period = parts
    amounts = ground.values("money", "line", "entity")
    name = next((key[0] for key in amounts if (slug(key[0]), *key[1:]) == (slug(line), entity, period)), None)
    if name is None:
        return None
    address, what = "/".join(("money", *parts)), f"{name} of {entity} in {period}, as it moves cash"
    there = {n: s for n, s in STATED.get(name, {}).items() if ground.stated.get(("period", entity, "own", n, period), (0.0, ""))[0]}
    if SEAM in period or ("period", entity, "own", "revenue", period) not in ground.stated:
        return Node(address, what, amounts[name, entity, period], ground.case.money, said="as planned in this future")
    owner = stated.who(ground, entity, "own")
    inputs = tuple(Input(n, stated.at("lines", owner, n, period), float(s)) for n, s in there.items())
    return Node(address, what, amounts[name, entity, period], ground.case.money, SUM, inputs)


def headline(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``headline/FIGURE``, with what and when behind it: a figure of the run's headline, in its unit, from the result that it shows."""
    if not parts:
        return None
    key, *rest = parts
    address, unit = "/".join(("headline", *parts)), ground.case.money[-7:]
    worth = factor(ground.case.money, unit)
    root = next(e.name for e in ground.case.tables.entities if not e.parent)
    if key == "objective_usd" and not rest and (found := value(ground, [])):
        return Node(address, "value of the plan", found.value * worth, unit, SUM, (Input("value", "value", worth),))
    if key == "greedy_usd" and not rest and ground.frame("greedy/parts").width:
        frame = ground.frame("greedy/parts")
        inputs = tuple(Input(name, f"greedy/{slug(name)}", worth) for name, amount in frame.select("part", "value").iter_rows() if amount)
        return Node(address, "value of the plan built greedily", float(frame["value"].sum()) * worth, unit, SUM, inputs)
    if key in LINES and len(rest) == 1 and (found := stated.line(ground, ["years", root, LINES[key], rest[0]])):
        return Node(address, found.what, found.value * worth, unit, SUM, (Input(LINES[key], found.address, worth),))
    return _count(ground, address, key, rest)


def _count(ground: Ground, address: str, key: str, rest: Sequence[str]) -> Node | None:
    """Figures of the headline that are no money."""
    from barbell.study.chain import counted, decided, sold

    kinds = {"mw_in_service_by_quarter": "MW", "chips_in_service_by_quarter": "chip"}
    if key in kinds and len(rest) == 2 and (found := decided.fleet(ground, rest)) and "@" not in rest[0]:
        times = factor(found.unit, kinds[key])
        return Node(address, found.what, found.value * times, kinds[key], SUM, (Input(rest[0], found.address, times),))
    markets = {"served_by_market": "all", "unserved_by_market": "lost"}
    if key in markets and len(rest) == 2 and (made := sold.market(ground, [rest[0].partition(" ")[0], markets[key], rest[1]])):
        return Node(address, made.what, made.value, made.unit, SUM, (Input("mean rate", made.address),))
    if key == "energy_twh_by_year" and len(rest) == 1:
        return counted.energy(ground, rest)
    if key == "capex_free_share_first_year" and not rest:
        made = counted.free(ground, [str(ground.case.horizon.start.year), "share"])
        return Node(address, made.what, made.value, "1", SUM, (Input("share", made.address),)) if made else None
    return None


def greedy(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``greedy``, ``greedy/PART``: the value, or a part of it, of the plan built greedily."""
    frame = ground.frame("greedy/parts")
    found = {slug(name): (name, amount) for name, amount in frame.select("part", "value").iter_rows()} if frame.width else {}
    if found and not parts:
        inputs = tuple(Input(name, f"greedy/{slug(name)}") for name, amount in found.values() if amount)
        return Node("greedy", "value of the plan built greedily", sum(v for _, v in found.values()), ground.case.money, SUM, inputs)
    if slug("/".join(parts)) not in found:
        return None
    name, amount = found[slug("/".join(parts))]
    said = "as the plan's own is worked out, over the tables that building greedily gives (folder greedy of the run)"
    return Node(f"greedy/{slug(name)}", f"{name} of the plan built greedily, discounted", amount, ground.case.money, said=said)


def discount(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``discount/ENTITY/PERIOD``: worth today of money of a period."""
    if len(parts) != 2 or parts[0] not in ground.rows["entities"] or parts[1] not in ground.number:
        return None
    inputs = (Input("discount_rate", cells.at("entities", parts[0], "discount_rate")),)
    years = ground.case.horizon.middles[ground.number[parts[1]]]
    amount = (1 + ground.row("entities", parts[0]).discount_rate) ** -years
    said = f"(1 + discount rate) ^ -{years:g}, years to the middle of the period"
    return Node("/".join(("discount", *parts)), f"worth today of money of {parts[1]}", amount, "1", inputs=inputs, said=said)
