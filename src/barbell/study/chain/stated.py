"""Lines of the statements: years from periods, groups from entities, sums from parts, and every part from what was decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from barbell.finance.lines import BALANCES, MARGIN
from barbell.finance.projects import class_of
from barbell.study.chain import bought, charged, funded, sold, spent
from barbell.study.chain.ground import Ground, slug
from barbell.study.chain.node import PRODUCT, SUM, Input, Node

OWN = "own:"
"""Before the name of an entity with others below it: the entity on its own."""
INCOME = {"revenue": 1, "variable cost": -1, "fixed opex": -1, "penalties": -1, "depreciation": -1, "write-offs": -1, "expensed spend": -1}
OPERATING = {
    "base business cash": 1, "operating income": 1, "depreciation": 1, "write-offs": 1, "prepayments received": 1, "prepayments recognised": -1,
    "return on cash": 1, "interest": -1, "tax": -1,
}  # fmt: skip
PROGRAMMES = {
    "operating income": 1, "depreciation": 1, "write-offs": 1, "prepayments received": 1, "prepayments recognised": -1, "tax": -1, "capex": -1,
}  # fmt: skip
IDENTITIES: Mapping[str, Mapping[str, int]] = {
    "operating income": INCOME,
    "operating cash flow": OPERATING,
    "free cash flow": {"operating cash flow": 1, "capex": -1},
    "free cash flow of the programmes": PROGRAMMES,
}
"""Lines that are sums of other lines, with their signs (docs/guide/statements.md)."""
SPLIT = ("capex", "depreciation")
"""Lines that are sums of their classes."""
Parts = Iterator[Input]


def line(ground: Ground, parts: Sequence[str]) -> Node | None:
    """``years/ENTITY/LINE/YEAR`` and ``lines/ENTITY/LINE/PERIOD``: a root with all below it, or with ``own:`` before it by itself."""
    if len(parts) != 4 or parts[0] not in ("years", "lines"):
        return None
    kind, who, name, time = parts
    time_column, entity = ("year" if kind == "years" else "period"), who.removeprefix(OWN)
    scope = "own" if who.startswith(OWN) or not _root(ground, entity) else "consolidated"
    found = _named(ground, time_column, entity, scope, time).get(slug(name))
    if found is None:
        return None
    value, unit = ground.stated[time_column, entity, scope, found, time]
    address = "/".join((kind, who, slug(name), time))
    what = f"{found} of {entity}{' on its own' if who.startswith(OWN) else ''} in {time}"
    if found == MARGIN:
        inputs = (Input("operating income", at(kind, who, "operating income", time)), Input("revenue", at(kind, who, "revenue", time), -1.0))
        return Node(address, what, value, unit, PRODUCT, inputs)
    if kind == "years":
        return Node(address, what, value, unit, SUM, tuple(_of_year(ground, who, found, time, scope)))
    if scope == "consolidated":
        return Node(address, what, value, unit, SUM, tuple(_of_group(ground, entity, found, time)))
    return _own(ground, Node(address, what, value, unit), entity, found, time)


def at(kind: str, who: str, name: str, time: str) -> str:
    """Address of a line."""
    return f"{kind}/{who}/{slug(name)}/{time}"


def who(ground: Ground, entity: str, scope: str) -> str:
    """An entity as addresses name it."""
    return entity if (scope == "consolidated") == _root(ground, entity) else f"{OWN}{entity}"


def _root(ground: Ground, entity: str) -> bool:
    return entity in ground.rows["entities"] and not ground.row("entities", entity).parent


def _named(ground: Ground, time_column: str, entity: str, scope: str, time: str) -> dict[str, str]:
    """Lines that there are, by their names in addresses."""
    memo = ground.memo.setdefault("named", {})
    if not memo:
        for column, owner, kind, name, when in ground.stated:
            memo.setdefault((column, owner, kind, when), {})[slug(name)] = name
    found: dict[str, str] = memo.get((time_column, entity, scope, time), {})
    return found


def _of_year(ground: Ground, who_: str, name: str, year: str, scope: str) -> Parts:
    """Periods of a year; of a level the last one."""
    entity = who_.removeprefix(OWN)
    labels = [p.label for p in ground.case.horizon.periods if str(p.start.year) == year]
    there = [label for label in labels if ("period", entity, scope, name, label) in ground.stated]
    for label in there[-1:] if name in BALANCES else there:
        yield Input(label, at("lines", who_, name, label))


def _of_group(ground: Ground, entity: str, name: str, period: str) -> Parts:
    """The entity and all below it."""
    for other in ground.case.tables.entities:
        top = other.name
        while parent := ground.row("entities", top).parent:
            top = parent
        if top == entity and ground.stated.get(("period", other.name, "own", name, period), (0.0, ""))[0]:
            yield Input(other.name, at("lines", who(ground, other.name, "own"), name, period))


def _own(ground: Ground, node: Node, entity: str, name: str, period: str) -> Node:
    """A line of one entity in one period."""
    owner = who(ground, entity, "own")

    def made(inputs: Iterator[Input] | Sequence[Input], formula: str = SUM, said: str = "") -> Node:
        return Node(node.address, node.what, node.value, node.unit, formula, tuple(inputs), said)

    def there(other: str) -> float:
        return ground.stated.get(("period", entity, "own", other, period), (0.0, ""))[0]

    if name in IDENTITIES:
        return made([Input(other, at("lines", owner, other, period), float(sign)) for other, sign in IDENTITIES[name].items() if there(other)])
    if name in SPLIT or name == "revenue":
        names = _named(ground, "period", entity, "own", period).values()
        return made([Input(n.partition(": ")[2], at("lines", owner, n, period)) for n in names if n.startswith(f"{name}: ") and there(n)])
    head, _, part = name.partition(": ")
    if part:
        found = {"capex": bought.payments, "depreciation": charged.depreciation, "revenue": sold.of_market}[head](ground, entity, part, period)
        return made(list(found))
    if name in _PARTS:
        return made(_PARTS[name](ground, entity, period))
    return funded.line(ground, node, entity, name, period, lambda other, when: at("lines", owner, other, when))


def _written(ground: Ground, entity: str, period: str) -> Parts:
    for klass in sorted({class_of(ground.view, v.asset) for v, _ in ground.vintages.values()}):
        yield from charged.disposals(ground, entity, klass, period)


def _expensed(ground: Ground, entity: str, period: str) -> Parts:
    yield from bought.payments(ground, entity, bought.EXPENSED, period)


_PARTS: Mapping[str, Callable[[Ground, str, str], Parts]] = {
    "variable cost": spent.costs, "fixed opex": spent.upkeeps, "penalties": spent.penalties, "contract revenue": spent.contracted,
    "write-offs": _written, "expensed spend": _expensed,
    "prepayments received": spent.prepayments("signed"), "prepayments recognised": spent.prepayments("called"),
}  # fmt: skip
