"""Sheets around the statements: the front page, assumptions, sources, provenance, fleet and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from barbell.report import query
from barbell.report.workbook.binder import HEAD, Binder, column
from barbell.report.workbook.ledgers import FIRST
from barbell.report.workbook.statements import Spot
from barbell.study.chain import Branch, opened
from barbell.study.chain.cells import fact_row

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from barbell.report.source import Source

OPENED = ("revenue", "capex", "depreciation", "operating income", "free cash flow")
"""Lines of the group that the sheet of provenance opens."""
_DEPTH, _TOP = 5, 4


def front(binder: Binder, source: Source, sheets: Mapping[str, str]) -> None:
    """What the workbook is, what is live and what is held, its figures, its sheets, and whether its checks hold."""
    case, book = source.case, binder.book
    sheet = binder.sheet(
        "read me", case.question or case.name, f"{case.name}, facts as known on {case.as_of}, money in {case.money}.", (), (22, 16, 96)
    )
    row = 3
    told = (
        ("Live (black)", "prices, costs, payments, depreciation, sales, running costs, lines, years, margins, free cash flow, cash: formulas."),
        ("Input (blue)", "cells of the case on `assumptions`. Change one and everything that follows by arithmetic follows."),
        ("Held (grey)", "what the plan decided: orders, fleet, activity, volumes sold, borrowing; taxable income; penalties and write-offs; lives."),
        ("So", "a changed price is not a new plan: the plan would decide otherwise. `barbell run --set ...` plans anew."),
        ("Not live", "the dates of payment and of depreciation: with another lead time or life, plan anew."),
    )
    for name, text in told:
        sheet.write(row, 0, name, binder.formats["text"])
        sheet.write(row, 1, text, binder.formats["text"])
        row += 1
    row += 1
    sheet.write(row, 0, "Checks (must read 0)", binder.formats["head"])
    binder.put(sheet, row, 1, binder.cells["checks"], 0.0, "check")
    row += 2
    root, years = query.root(case), [str(y) for y in query.years(case)]
    for n, text in enumerate(("", *years)):
        sheet.write(row, n, text, binder.formats["head"])
    for line in OPENED:
        row += 1
        sheet.write(row, 0, f"{line} [{case.money}]")
        for n, year in enumerate(years, 1):
            node = book.find(f"years/{root}/{line.replace(' ', '-')}/{year}")
            if node is not None:
                binder.put(sheet, row, n, binder.cells[node.address], node.value)
    row += 2
    for name, text in sheets.items():
        sheet.write_url(row, 0, f"internal:'{name}'!A1", binder.formats["link"], name)
        sheet.write(row, 1, text)
        row += 1
    sheet.activate()
    sheet.set_first_sheet()
    sheet.set_column(1, 8, 16)


def assumptions(binder: Binder) -> None:
    """Every cell of the case that a formula reads, with the fact behind it."""
    heads = ("what", "cell of the case", "value", "unit", "low", "high", "grade", "fact", "stands in", "reads")
    said = "Blue: change a value here and every formula follows. Low and high are the range of the fact, in its own unit."
    sheet = binder.sheet("assumptions", "Assumptions", said, heads, (40, 40, 14, 22, 12, 12, 8, 34, 22, 34), frozen=3)
    for row, (address, node) in enumerate(binder.assumed.items(), FIRST):
        fact = next((one.address[1:] for one in node.inputs if one.address.startswith("@")), "")
        found = fact_row(binder.book.ground, fact) if fact else None
        sheet.write(row, 0, node.what)
        sheet.write(row, 1, address)
        sheet.write_number(row, 2, node.value, binder.formats["input"])
        sheet.write(row, 3, "" if node.unit == "1" else node.unit)
        for col, text in enumerate((found.low, found.high, found.grade) if found else ("", "", ""), 4):
            sheet.write(row, col, text)
        sheet.write(row, 7, fact)
        sheet.write(row, 8, node.where)
        sheet.write(row, 9, node.text)
    sheet.autofilter(HEAD, 0, HEAD + max(len(binder.assumed), 1), len(heads) - 1)


def sources(binder: Binder) -> None:
    """Every fact that the case uses and every fact that these are derived from."""
    heads = ("fact", "value", "unit", "low", "high", "grade", "known since", "source or formula", "address", "others say")
    grades = "A primary, B cross-checked, C single secondary or estimate, D unverified, M own computation, S own assumption with its range."
    sheet = binder.sheet("sources", "Sources", grades, heads, (36, 14, 18, 12, 12, 8, 12, 60, 50, 40), frozen=1)
    names = [f"@{name}" for name in dict.fromkeys(fact.name for fact in binder.book.case.tables.facts)]
    row = FIRST
    for node in sorted(binder.book.walk(*names), key=lambda node: node.address) if names else []:
        proof = node.proof
        if proof is None:
            continue
        number = _number(proof.value)
        for col, text in enumerate((node.address[1:], number, proof.unit, _number(proof.low), _number(proof.high), proof.grade, proof.as_of)):
            sheet.write(row, col, text)
        sheet.write(row, 7, node.words if proof.derived else proof.source)
        if proof.url.startswith(("http://", "https://")) and len(proof.url) < 2000:
            sheet.write_url(row, 8, proof.url, binder.formats["link"], proof.url[:250])
        sheet.write(row, 9, proof.against)
        row += 1
    sheet.autofilter(HEAD, 0, max(row - 1, HEAD + 1), len(heads) - 1)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def provenance(binder: Binder) -> None:
    """Lines of the group by year, each opened as an outline: result, formula, inputs, cells, facts."""
    book, case = binder.book, binder.book.case
    heads = ("what", "value", "unit", "formula or reason", "stands in", "reads", "grade", "low", "high", "source", "name")
    said = "Each result opens with the + at the left. The largest of a long sum are shown, the rest counted; `barbell explain` opens further."
    sheet = binder.sheet("provenance", "Provenance", said, heads, (56, 14, 20, 52, 20, 28, 8, 12, 12, 48, 40), frozen=1)
    row, root = FIRST, query.root(case)
    for year in query.years(case):
        for line in OPENED:
            address = f"years/{root}/{line.replace(' ', '-')}/{year}"
            if book.find(address) is not None:
                for cells, level in _rows(opened(book, address, depth=_DEPTH, top=_TOP), 0):
                    for col, cell in enumerate(cells):
                        sheet.write(row, col, cell)
                    sheet.set_row(row, None, None, {"level": min(level, 7), "hidden": level > 0})
                    row += 1
    sheet.outline_settings(visible=True, symbols_below=False, symbols_right=True, auto_style=False)  # the sum stands above its parts


def _rows(branch: Branch, level: int) -> Iterator[tuple[tuple[str | float, ...], int]]:
    node, proof = branch.node, branch.node.proof
    value = node.value if node.value == node.value else node.text
    tail = (proof.grade, _number(proof.low), _number(proof.high), proof.source) if proof and not proof.derived else ("", "", "", "")
    name = branch.name if level else node.what
    yield (f"{'    ' * level}{name}", value, node.unit, node.words, node.where, node.text, *tail, node.address), level
    for below in branch.below:
        yield from _rows(below, level + 1)
    if branch.more and branch.together == branch.together:
        told = f"{'    ' * (level + 1)}and {branch.more:,} more, together"
        yield (told, branch.together, node.unit), level + 1


def fleet(binder: Binder) -> dict[str, int]:
    """What stands at the end of each period, held as decided, and megawatts by rung. Returns the row of each rung."""
    case, labels = binder.book.case, query.shown(binder.book.case)
    said = "Grey: decided by the plan and held. Megawatts by rung are sums over the assets."
    sheet = binder.sheet("fleet", "In service", said, ("what", "unit", *labels), (26, 12, *([11] * len(labels))), frozen=2)
    rows: dict[str, int] = {}
    for row, asset in enumerate(case.tables.assets, FIRST):
        rows[asset.name] = row
        sheet.write(row, 0, asset.name)
        sheet.write(row, 1, asset.unit)
        for t, label in enumerate(labels, 2):
            node = binder.book.find(f"fleet/{asset.name}/{label}")
            sheet.write(row, t, node.value if node else 0.0, binder.formats["held"])
    found: dict[str, int] = {}
    for row, rung in enumerate(query.rungs(case), FIRST + len(rows) + 1):
        found[rung] = row
        sheet.write(row, 0, f"{rung}, all kinds")
        sheet.write(row, 1, "MW")
        kinds = [(name, query.mega(case, name)) for name in rows if query.rung(case, name) == rung]
        for t, label in enumerate(labels, 2):
            formula = "+".join(f"{column(t)}{rows[name] + 1}*{size!r}" for name, size in kinds)
            node = binder.book.find(f"mw/{rung}/{label}")
            binder.put(sheet, row, t, formula, node.value if node else 0.0, "total")
    return found


def charts(binder: Binder, yearly: dict[Spot, int], rungs: dict[str, int]) -> None:
    """Four native charts over the sheets of years and fleet."""
    case, root = binder.book.case, query.root(binder.book.case)
    sheet = binder.sheet("charts", "Charts", "Drawn from `years` and `fleet`; they follow when an assumption is changed.", (), (12,))
    first, last = 4, 3 + len(query.years(case))
    names = [spot[2] for spot in yearly if spot[:2] == (root, "consolidated")]
    classes = [name for name in names if name.startswith("capex: ")]
    for place, title, kind, lines in (
        ("A5", "Capex by class", {"type": "column", "subtype": "stacked"}, classes or ["capex"]),
        ("J5", "Revenue and operating income", {"type": "column"}, ["revenue", "operating income"]),
        ("A24", "Free cash flow", {"type": "column"}, ["free cash flow"]),
    ):
        made = binder.workbook.add_chart(kind)
        for line in lines:
            row = yearly[root, "consolidated", line]
            spans = {"categories": ["years", HEAD, first, HEAD, last], "values": ["years", row, first, row, last]}
            made.add_series({"name": line.removeprefix("capex: "), **spans})
        _dress(sheet, place, made, title, case.money)
    if rungs:
        made, end = binder.workbook.add_chart({"type": "line"}), 1 + len(query.shown(case))
        for rung, row in rungs.items():
            made.add_series({"name": rung, "categories": ["fleet", HEAD, 2, HEAD, end], "values": ["fleet", row, 2, row, end]})
        _dress(sheet, "J24", made, "In service by rung", "MW")


def _dress(sheet: Worksheet, place: str, made: object, title: str, unit: str) -> None:
    """Title, unit and size of a chart."""
    made.set_title({"name": title, "name_font": {"size": 12}})  # type: ignore[attr-defined]
    made.set_y_axis({"name": unit, "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D8DEE4"}}})  # type: ignore[attr-defined]
    made.set_legend({"position": "bottom"})  # type: ignore[attr-defined]
    made.set_size({"width": 560, "height": 360})  # type: ignore[attr-defined]
    sheet.insert_chart(place, made)
