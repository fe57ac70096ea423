"""The book of a run's chains: every number by its address, opened on demand, and checked against its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

import polars as pl

from barbell.core.case import TABLES, Case
from barbell.core.errors import CaseError, Fault, LedgerError, Where
from barbell.core.path import Path
from barbell.study.chain import bought, cells, charged, counted, decided, funded, powered, published, sold, spent, stated, valued, worked
from barbell.study.chain.ground import SEAM, Ground, slug
from barbell.study.chain.node import Node, recomputed

TIE = 1e-6
"""Largest difference between a value and what its formula gives, relative to the largest amount in it."""
NOTHING = 1e-9
"""Amounts below this, in whatever unit, are what rounding leaves of nothing."""
Maker = Callable[[Ground, Sequence[str]], Node | None]


def _whole(make: Maker, head: str) -> Maker:
    """A maker that wants the head of the address as well."""
    return lambda ground, parts: make(ground, [head, *parts])


MAKERS: Mapping[str, Maker] = {
    "orders": decided.orders, "fleet": decided.fleet, "left": decided.left, "converted": decided.converted, "activity": decided.activity,
    "prices": decided.prices, "served": sold.served, "contracts": sold.contracts, "sales": sold.sales, "market": sold.market,
    "price": bought.price, "bought": bought.purchase, "paid": bought.paid, "share": bought.share, "vintage": charged.vintage,
    "months": charged.months, "carried": charged.carried, "charged": charged.charged, "due": charged.due, "stands": charged.stands,
    "written": charged.written, "value": valued.value, "money": valued.money, "headline": valued.headline, "greedy": valued.greedy,
    "discount": valued.discount, "mw": counted.mw, "ordered": counted.ordered, "committed": counted.committed, "envelope": counted.envelope,
    "free": counted.free, "chips": counted.chips, "power": powered.power,
    "work": worked.work, "year-cost": worked.cost, "annuity": worked.share,
    "cost": counted.cost_part, "reported": published.reported, "nowcast": published.nowcast, "bottlenecks": published.bottleneck,
    **{head: _whole(charged.roll, head) for head in charged.ROLLS},
    **{head: _whole(stated.line, head) for head in ("years", "lines")},
    **{head: _whole(published.corner, head) for head in ("low", "high")},
    "running": _whole(spent.running, "running"), "upkeep": _whole(spent.upkeep, "upkeep"), "penalty": _whole(spent.penalty, "penalty"),
    "prepaid": _whole(spent.prepaid, "prepaid"), "term": _whole(spent.term, "term"), "taxed": _whole(funded.taxed, "taxed"),
    "debts": _whole(funded.debts, "debts"), "aged": spent.aged,
    "level": lambda ground, parts: cells.level(ground, "/".join(("level", *parts)), parts[0], parts[1]) if len(parts) == 2 else None,
}  # fmt: skip
"""Who opens an address, by its head."""


@dataclass(frozen=True)
class Book:
    """Every number of a run by its address. `case` and `frames` are those of the run, live or kept."""

    case: Case
    frames: Mapping[str, pl.DataFrame]

    @cached_property
    def ground(self) -> Ground:
        """What the numbers are worked out from."""
        return Ground(self.case, self.frames)

    @cached_property
    def _opened(self) -> dict[str, Node | None]:
        return {}

    def find(self, address: str) -> Node | None:
        """The number at an address as it is written in full; None where there is none."""
        if address not in self._opened:
            self._opened[address] = self._open(address)
        return self._opened[address]

    def _open(self, address: str) -> Node | None:
        if address.startswith("@"):
            return worked.end(self.ground, address[1:]) if "/" in address else cells.fact(self.ground, address[1:])
        head, _, rest = address.partition("/")
        if head in MAKERS:
            return MAKERS[head](self.ground, rest.split("/") if rest else [])
        return cells.cell(self.ground, address)

    def node(self, address: str) -> Node:
        """The number at an address as a person types it: without the group (``capex/2026``), in any case of letters.

        Raises CaseError, with the nearest addresses, where the run has no such number.
        """
        asked = address.strip().strip("/")
        for spelt in self._readings(asked):
            if (found := self.find(spelt)) is not None:
                return found
        fault = Fault(Where("the run"), asked, "is no number of this run", self._advice(asked))
        raise CaseError([fault], folder="the question")

    def _readings(self, asked: str) -> Iterator[str]:
        """What an address may mean, the likeliest first."""
        yield asked
        parts = asked.split("/")
        root = next(e.name for e in self.case.tables.entities if not e.parent)
        if len(parts) == 2:
            yield from (f"{kind}/{root}/{slug(parts[0])}/{parts[1]}" for kind in ("years", "lines"))
        if len(parts) == 3:
            if parts[0] in ("years", "lines", "low", "high"):
                yield f"{parts[0]}/{root}/{slug(parts[1])}/{parts[2]}"
            yield from (f"{kind}/{parts[0]}/{slug(parts[1])}/{parts[2]}" for kind in ("years", "lines"))

    def _advice(self, asked: str) -> str:
        names = self.names
        near = get_close_matches(asked, names, n=4, cutoff=0.5)
        head = asked.split("/", maxsplit=1)[0]
        if not near:
            near = [name for name in names if name.startswith(head)][:4]
        if near:
            return f"Nearest: {', '.join(near)}"
        return "Name a number such as capex/2026, orders/ASSET@PLACE/2026Q3, headline/objective_usd, assets.NAME.capex or @FACT"

    @cached_property
    def names(self) -> list[str]:
        """Addresses that a person may ask for: lines by year and period, cells of the plan's tables, the headline, cost, nowcast, the case."""
        return list(dict.fromkeys(_names(self.ground)))

    def inputs(self, node: Node) -> list[Node]:
        """The numbers that a node's formula reads. Raises LedgerError for one that cannot be found, which is a bug."""
        found = []
        for one in node.inputs:
            made = self.find(one.address)
            if made is None:
                raise LedgerError(f"{node.address} rests on {one.address}, which is no number of the run; please report this as a bug")
            found.append(made)
        return found

    def check(self, node: Node) -> None:
        """Work a number out again from its inputs. Raises LedgerError where it does not come out within `TIE`, which is always a bug."""
        inputs = self.inputs(node)
        if not node.formula:
            return
        values = [one.value for one in inputs]
        again = recomputed(node, values)
        parts = [abs(one.times * value) for one, value in zip(node.inputs, values, strict=True)] if node.formula == "sum" else []
        if not abs(again - node.value) <= max(TIE * max([abs(node.value), *parts]), NOTHING):
            raise LedgerError(f"{node.address} is {node.value:.12g}, and its formula gives {again:.12g}; please report this as a bug")

    def walk(self, *addresses: str) -> Iterator[Node]:
        """Numbers and everything that they rest on, each once, each checked."""
        seen: set[str] = set()
        pending = [self.node(address) for address in addresses]
        while pending:
            node = pending.pop()
            if node.address not in seen:
                seen.add(node.address)
                self.check(node)
                yield node
                pending.extend(self.inputs(node))


def _names(ground: Ground) -> Iterator[str]:
    root = next(e.name for e in ground.case.tables.entities if not e.parent)
    for column, entity, scope, line, time in ground.stated:
        owner = stated.who(ground, entity, scope)
        if owner == root:
            yield f"{slug(line)}/{time}"
        yield stated.at("years" if column == "year" else "lines", owner, line, time)
    yield from ("value", *(f"value/{slug(name)}" for name in valued.parts_of(ground)))
    for table in ("fleet", "activity"):
        yield from (f"{table}/{item}@{place}/{period}" for item, place, period in ground.values(table, "item", "place") if SEAM not in period)
    for item, place, action, period in ground.values("orders", "item", "place", "action"):
        yield f"orders/{item}@{place}{'' if action == 'order' else f':{slug(action)}'}/{period}"
    yield from (f"served/{item}/{period}/{c}" for item, period in ground.values("served", "item", column="served") for c in sold.COLUMNS[:4])
    yield from (f"money/{entity}/{slug(line)}/{period}" for line, entity, period in ground.values("money", "line", "entity"))
    prices = ground.values("prices", "kind", "item", "place", column="price_then")
    yield from (f"prices/{slug(kind)}:{item}{f'@{place}' if place else ''}/{period}" for kind, item, place, period in prices)
    yield from _figures(ground)
    for table in TABLES:
        for row in getattr(ground.case.tables, table):
            if table != "facts":
                numbers = (field for field, value in row if isinstance(value, float | int | Path) and not isinstance(value, bool))
                yield from (f"{table}.{row.id}.{field}" for field in numbers)
    yield from (f"@{fact.name}" for fact in ground.case.tables.facts)


def _figures(ground: Ground) -> Iterator[str]:
    """The headline, the cost of a gigawatt and the nowcast."""
    yield from (
        "headline/objective_usd",
        "headline/capex_free_share_first_year",
        *(["headline/greedy_usd"] if ground.frame("greedy/parts").width else []),
    )
    years = sorted({time for column, *_, time in ground.stated if column == "year"})
    yield from (f"headline/{key}/{year}" for key in valued.LINES for year in years)
    for frame, spot in (("cost", ("chip", "part")), ("nowcast", ("metric", "period"))):
        if ground.frame(frame).width:
            for first, second in ground.frame(frame).select(*spot).iter_rows():
                yield from (
                    (f"cost/{first}/{second}",)
                    if frame == "cost"
                    else (f"nowcast/{slug(first)}/{second}/{c}" for c in ("planned", "later", "reported"))
                )
