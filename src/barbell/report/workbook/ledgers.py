"""Sheets of what the lines are made of: purchases, payments, depreciation, sales, running costs, upkeep, indices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barbell.finance.projects import class_of
from barbell.report.workbook.binder import HEAD, Binder, column
from barbell.study.chain import Node
from barbell.study.chain.bought import EXPENSED
from barbell.study.chain.charged import charge
from barbell.study.chain.ground import Ground

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

FIRST = HEAD + 1


@dataclass(frozen=True)
class Ledger:
    """Rows of one kind: the columns of its keys by name, that of its amounts, and the last row (from 0)."""

    sheet: str
    keys: dict[str, int]
    amount: int
    last: int

    def span(self, n: int) -> str:
        """A column of the ledger as a range."""
        return f"{self.sheet}!${column(n)}${FIRST + 1}:${column(n)}${max(self.last, FIRST) + 1}"

    def sumifs(self, **asked: str) -> str:
        """The sum of the amounts whose keys are what is asked; criteria are references or quoted words."""
        return f"SUMIFS({self.span(self.amount)},{','.join(f'{self.span(self.keys[key])},{what}' for key, what in asked.items())})"


def indices(binder: Binder) -> None:
    """Levels of price indices by period."""
    ground, names = binder.book.ground, [row.name for row in binder.book.case.tables.indices]
    said = "Level in the first month of each period: the path, grown since the start. Formulas over the assumptions."
    sheet = binder.sheet("indices", "Price indices", said, ("index", *ground.labels), (18, *([9] * len(ground.labels))), frozen=1)
    for n, name in enumerate(names, FIRST):
        sheet.write(n, 0, name)
        for t, label in enumerate(ground.labels, 1):
            address = f"level/{name}/{label}"
            node = binder.book.node(address)
            binder.put(sheet, n, t, binder.formula(node), node.value, "rate")
            binder.place(address, "indices", n, t)


def purchases(binder: Binder) -> None:
    """Every purchase: units that the plan decided, price, cost."""
    ground, money = binder.book.ground, binder.book.case.money
    found = ground.projects
    heads = ("purchase", "entity", "programme", "class", "ordered", "in service", "units", "unit", f"price [{money}/unit]", f"cost [{money}]")
    said = "Units are decided by the plan and held (grey). Price: capex x index x place factor, over the assumptions. Cost: units x price."
    sheet = binder.sheet("purchases", "Purchases", said, heads, (34, 12, 14, 16, 10, 10, 12, 10, 14, 14), frozen=1)
    for row, (name, n) in enumerate(ground.bought.items(), FIRST):
        asset, label = ground.row("assets", found.asset[n]), ground.view.clock.label
        entity, klass = _owner(ground, found.asset[n])
        words = (name, entity, asset.programme, klass, label(int(found.ordered[n])), label(int(found.service[n])))
        for col, text in enumerate(words):
            sheet.write(row, col, text)
        node = binder.book.node(f"bought/{name}")
        units, *rest = binder.book.inputs(node)
        _amount(binder, sheet, row, 6, units)
        sheet.write(row, 7, asset.unit)
        prices = [binder.ref(one.address) for one in node.inputs[1:]]
        value = 1.0
        for one in rest:
            value *= one.value
        binder.put(sheet, row, 8, "*".join(prices), value)
        binder.put(sheet, row, 9, f"G{row + 1}*I{row + 1}", node.value)
        binder.place(f"bought/{name}", "purchases", row, 9)


def _amount(binder: Binder, sheet: Worksheet, row: int, col: int, node: Node) -> None:
    """Units: those of a cohort are an assumption, those of an order are held as decided."""
    address = node.address
    if address.startswith("cohorts."):
        binder.put(sheet, row, col, binder.ref(address), node.value)
        return
    sheet.write(row, col, node.value, binder.formats["held"])


def _owner(ground: Ground, asset: str) -> tuple[str, str]:
    entity = ground.case.tables.entities[ground.view.owner[asset]].name
    return entity, class_of(ground.view, asset) if ground.view.capitalised[asset] else EXPENSED


def payments(binder: Binder) -> Ledger:
    """What is paid of each purchase in each period: cost x share."""
    ground, money = binder.book.ground, binder.book.case.money
    found, row = ground.projects, FIRST
    heads = ("purchase", "entity", "class", "period", f"cost [{money}]", "share due", f"paid [{money}]")
    said = "Share due: instalments of the payment profile that fall in the period; of what was under way, the rest in equal monthly parts."
    sheet = binder.sheet("payments", "Payments", said, heads, (34, 12, 16, 10, 14, 10, 14), frozen=1)
    for name, n in ground.bought.items():
        entity, klass = _owner(ground, found.asset[n])
        for label in (label for t, label in enumerate(ground.labels) if found.paid[n, t]):
            node = binder.book.node(f"paid/{name}/{label}")
            for col, text in enumerate((name, entity, klass, label)):
                sheet.write(row, col, text)
            cost, *shares = node.inputs
            binder.put(sheet, row, 4, binder.ref(cost.address), binder.book.node(cost.address).value)
            rest = f"(1-{binder.ref(shares[0].address)})*" if len(shares) == 2 else ""
            factor = node.value / binder.book.node(cost.address).value if node.value else 0.0
            binder.put(sheet, row, 5, f"{rest}{binder.ref(shares[-1].address)}", factor, "rate")
            binder.put(sheet, row, 6, f"E{row + 1}*F{row + 1}", node.value)
            row += 1
    return Ledger("payments", {"entity": 1, "klass": 2, "period": 3}, 6, row - 1)


def depreciation(binder: Binder) -> Ledger:
    """Vintages: cost, and the share of it that is charged in each period."""
    ground, money = binder.book.ground, binder.book.case.money
    labels = ground.labels[: ground.view.seen]
    heads = ("vintage", "entity", "class", f"cost [{money}]", *labels)
    said = (
        "Share of the cost that is charged in each period: what stands x months charged / months of life; held as the plan leaves it standing (grey)."
    )
    sheet = binder.sheet("depreciation", "Depreciation by vintage", said, heads, (34, 12, 16, 14, *([9] * len(labels))), frozen=1)
    for row, (name, (v, cost)) in enumerate(ground.vintages.items(), FIRST):
        entity, klass = _owner(ground, v.asset)
        for col, text in enumerate((name, entity, klass)):
            sheet.write(row, col, text)
        binder.put(sheet, row, 3, binder.formula(binder.book.node(f"vintage/{name}")), cost)
        for t in range(len(labels) if cost else 0):
            if due := charge(ground, name, t):
                sheet.write_number(row, 4 + t, due / cost, binder.formats["held rate"])
    return Ledger("depreciation", {"entity": 1, "klass": 2}, 3, FIRST + len(ground.vintages) - 1)


def sales(binder: Binder) -> Ledger:
    """Revenue by price step and contract."""
    ground, case = binder.book.ground, binder.book.case
    heads = (
        "sold as",
        "entity",
        "market",
        "kind",
        "period",
        "volume",
        "unit",
        f"price [{case.money}/unit and year]",
        "years",
        f"revenue [{case.money}]",
    )
    said = "Volumes are decided by the plan and held (grey). Revenue: volume x price x years."
    sheet = binder.sheet("sales", "Sales", said, heads, (26, 12, 14, 10, 10, 12, 12, 16, 8, 14), frozen=1)
    row = FIRST
    for name, entity, market, kind, label in _sold(ground):
        node = binder.book.node(f"sales/{name}/{label}")
        inputs = dict(zip((one.name for one in node.inputs), binder.book.inputs(node), strict=True))
        spots = {one.name: one.address for one in node.inputs}
        volume = inputs["served" if kind == "market" else "delivered"]
        pays = inputs["price"].value
        formula = binder.ref(spots["price"])
        if kind == "contract":
            usage, least = inputs["usage"].value, inputs["take_or_pay"].value
            formula, pays = f"{formula}*MAX(1,{binder.ref(spots['take_or_pay'])}/{binder.ref(spots['usage'])})", pays * max(1.0, least / usage)
        for col, text in enumerate((name, entity, market, kind, label)):
            sheet.write(row, col, text)
        sheet.write(row, 5, volume.value, binder.formats["held"])
        sheet.write(row, 6, volume.unit)
        binder.put(sheet, row, 7, formula, pays)
        sheet.write(row, 8, inputs["years"].value)
        binder.put(sheet, row, 9, f"F{row + 1}*H{row + 1}*I{row + 1}", node.value)
        row += 1
    return Ledger("sales", {"entity": 1, "market": 2, "kind": 3, "period": 4}, 9, row - 1)


def _sold(ground: Ground) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, entity, market, kind and period of everything that is sold."""
    for (item, step, label), amount in ground.values("served", "item", "step", column="served").items():
        if label in ground.number and amount > 0:
            demand = ground.row("demands", item)
            yield f"{item}:{step}", demand.entity, demand.market, "market", label
    for (name, label), amount in ground.values("contracts", "item", column="delivered").items():
        if label in ground.number and amount:
            contract = ground.row("contracts", name)
            yield name, contract.entity, contract.market, "contract", label


def running(binder: Binder) -> Ledger:
    """Variable cost by process and fixed opex by asset, period by period: amount x cost x index x years."""
    money = binder.book.case.money
    unit_cost, whole = f"cost [{money}/unit and year]", f"cost of the period [{money}]"
    heads = ("what", "entity", "line", "period", "amount", "unit", unit_cost, "index", "years", whole)
    said = "Activity and fleet are decided by the plan and held (grey), with the growth of cost by age. Cost: amount x cost x index x years."
    sheet = binder.sheet("running", "Running costs", said, heads, (28, 12, 14, 10, 12, 12, 16, 10, 8, 16), frozen=1)
    row = FIRST
    for node, name, entity, line, label in _run(binder):
        parts = list(zip(node.inputs, binder.book.inputs(node), strict=True))
        cost = next(one.address for one, _ in parts if one.name in ("cost", "fixed_opex"))
        index = next((one.address for one, _ in parts if one.name.startswith("index ")), "")
        years = next(found.value for one, found in parts if one.name == "years")
        unit = next(found.unit for one, found in parts if one.name in ("activity", "units"))
        level, price = binder.book.node(index).value if index else 1.0, binder.book.node(cost).value
        for col, text in enumerate((name, entity, line, label)):
            sheet.write(row, col, text)
        sheet.write(row, 4, node.value / (price * level * years), binder.formats["held"])
        sheet.write(row, 5, unit)
        binder.put(sheet, row, 6, binder.ref(cost), price)
        binder.put(sheet, row, 7, binder.ref(index) if index else "1", level, "rate")
        sheet.write(row, 8, years)
        binder.put(sheet, row, 9, f"E{row + 1}*G{row + 1}*H{row + 1}*I{row + 1}", node.value)
        row += 1
    return Ledger("running", {"what": 0, "entity": 1, "line": 2, "period": 3}, 9, row - 1)


def _run(binder: Binder) -> Iterator[tuple[Node, str, str, str, str]]:
    """Nodes of variable cost and upkeep that are not nothing; upkeep that ages by batch, so that each row has one cost."""
    tables, owner = binder.book.case.tables, {p.name: p.entity for p in binder.book.case.tables.programmes}
    for label in binder.book.ground.labels[: binder.book.ground.view.seen]:
        for process in tables.processes:
            node = binder.book.find(f"running/{process.name}/{label}")
            if node is not None and node.value:
                yield node, process.name, process.entity, "variable cost", label
        for asset in tables.assets:
            node = binder.book.find(f"upkeep/{asset.name}/{label}") if asset.fixed_opex else None
            parts = binder.book.inputs(node) if node is not None and asset.ageing else [node] if node is not None else []
            for one in parts:
                if one.value:
                    yield one, one.address.split("/")[1], owner[asset.programme], "fixed opex", label
