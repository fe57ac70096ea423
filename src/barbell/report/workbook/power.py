"""The sheet of power: loads as the plan decided them, and energy, its cost and overhead by period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from barbell.core.units import factor
from barbell.report import query
from barbell.report.electricity import per_mwh
from barbell.report.workbook.binder import HEAD, Binder, column
from barbell.report.workbook.ledgers import FIRST, Ledger
from barbell.study import electricity

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

LOADS = {"it": "IT load", "draw": "drawn at the design hour", "meter": "through the meter", "plant": "from own plant", "mean": "mean power"}
"""Rows that are held, by their word in addresses."""


def power(binder: Binder, running: Ledger) -> None:
    """Loads in MW, held; energy, what it costs (over the ledger of running costs), a MWh, and PUE at the design hour: formulas."""
    labels = query.shown(binder.book.case)
    said = "Grey: what runs, decided by the plan and held. Black: formulas; cost follows the prices of energy on `assumptions`."
    sheet = binder.sheet("power", "Power and energy", said, ("what", "unit", *labels), (26, 16, *([11] * len(labels))), frozen=2)
    rows: dict[str, int] = {}
    for kind, name in LOADS.items():
        nodes = [binder.book.find(f"power/{kind}/{label}") for label in labels]
        if any(nodes):
            rows[kind] = FIRST + len(rows)
            _words(sheet, rows[kind], name, "MW")
            for t, node in enumerate(nodes, 2):
                sheet.write(rows[kind], t, node.value if node else 0.0, binder.formats["held"])
    if not rows:
        sheet.write(FIRST, 0, "This case counts neither IT load nor power.")
        return
    row = FIRST + len(rows) + 1
    if "mean" in rows:
        _energy(binder, sheet, rows["mean"], row, running)
        row += 3
    if {"it", "draw"} <= set(rows):
        _words(sheet, row, "PUE at the design hour", "1")
        for t, label in enumerate(labels, 2):
            node, letter = binder.book.find(f"power/pue-peak/{label}"), column(t)
            if node:
                binder.put(sheet, row, t, f"{letter}{rows['draw'] + 1}/{letter}{rows['it'] + 1}", node.value, "rate")


def _words(sheet: Worksheet, row: int, name: str, unit: str) -> None:
    sheet.write(row, 0, name)
    sheet.write(row, 1, unit)


def _energy(binder: Binder, sheet: Worksheet, mean: int, row: int, running: Ledger) -> None:
    """Energy of each period, what it costs, and the cost of a MWh."""
    case = binder.book.case
    scale, unit = per_mwh(case)
    years = dict(zip(case.horizon.labels, case.horizon.years, strict=True))
    makers = [name for name in electricity.makers(case, electricity.mean(case)) if name in {p.name for p in case.tables.processes}]
    for n, (name, told) in enumerate((("energy", "TWh"), ("cost of energy", case.money), ("cost of a MWh", unit))):
        _words(sheet, row + n, name, told)
    for t, label in enumerate(query.shown(case), 2):
        letter, hours = column(t), years[label] * factor("MW*year", "TWh")
        drawn = binder.book.node(f"power/mean/{label}").value * hours
        spent = sum(node.value for name in makers if (node := binder.book.find(f"running/{name}/{label}")))
        binder.put(sheet, row, t, f"{letter}{mean + 1}*{hours!r}", drawn, "rate")
        head = f"{letter}${HEAD + 1}"
        cost = "+".join(running.sumifs(what=f'"{name}"', line='"variable cost"', period=head) for name in makers)
        binder.put(sheet, row + 1, t, cost, spent)
        if drawn:
            binder.put(sheet, row + 2, t, f"{letter}{row + 2}/{letter}{row + 1}*{scale!r}", spent / drawn * scale)
