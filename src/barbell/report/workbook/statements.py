"""Sheets of the statements: lines by period over the ledgers, years over the periods, and the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barbell.report.workbook.binder import HEAD, Binder, column
from barbell.report.workbook.ledgers import FIRST, Ledger
from barbell.study.chain import Node
from barbell.study.chain.bought import EXPENSED
from barbell.study.chain.stated import IDENTITIES, at, who

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

TOTALS = ("revenue", "capex", "depreciation", "operating income", "operating cash flow", "free cash flow", "cash")
MARGIN = "operating margin"
_KEYS = ("entity", "scope", "line", "unit")
Spot = tuple[str, str, str]
"""Entity, scope and line."""


@dataclass(frozen=True)
class Sources:
    """The ledgers that lines sum."""

    payments: Ledger
    depreciation: Ledger
    sales: Ledger
    running: Ledger


def spots(binder: Binder, kind: str) -> list[tuple[Spot, str]]:
    """Entity, scope and line of every row, with its unit, in the order of the statements."""
    found: dict[Spot, str] = {}
    for (column_, entity, scope, line, _), (_, unit) in binder.book.ground.stated.items():
        if column_ == kind:
            found.setdefault((entity, scope, line), unit)
    return list(found.items())


def lines(binder: Binder, ledgers: Sources) -> dict[Spot, int]:
    """Lines by period: every entity on its own, then the group. Returns the row of each."""
    labels = binder.book.ground.labels[: binder.book.ground.view.seen]
    said = "Black: formulas over the other sheets. Grey: held as the plan decided it. Every line is a positive amount of what its name says."
    sheet = binder.sheet("lines", "Statements by period", said, (*_KEYS, *labels), (14, 13, 30, 10, *([11] * len(labels))), frozen=4)
    rows = {spot: FIRST + n for n, (spot, _) in enumerate(spots(binder, "period"))}
    for (entity, scope, line), row in rows.items():
        for t, label in enumerate(labels):
            binder.place(at("lines", who(binder.book.ground, entity, scope), line, label), "lines", row, 4 + t)
    for (spot, unit), row in zip(spots(binder, "period"), rows.values(), strict=True):
        _words(binder, sheet, row, spot, unit)
        for t, label in enumerate(labels):
            node = binder.book.find(at("lines", who(binder.book.ground, spot[0], spot[1]), spot[2], label))
            if node is not None:
                _cell(binder, sheet, (row, 4 + t), spot, node, rows, ledgers)
    return rows


def _words(binder: Binder, sheet: Worksheet, row: int, spot: Spot, unit: str) -> None:
    for col, text in enumerate((*spot, "" if unit == "1" else unit)):
        sheet.write(row, col, text, binder.formats["text"])


def _look(line: str) -> str:
    return "percent" if line == MARGIN else "total" if line in TOTALS else "live"


def _cell(binder: Binder, sheet: Worksheet, cell: tuple[int, int], spot: Spot, node: Node, rows: dict[Spot, int], ledgers: Sources) -> None:
    """A line in a period: a sum of a ledger, of other lines, or what is held."""
    entity, scope, line = spot
    row, col = cell
    formula = ""
    if line == MARGIN:
        formula = binder.formula(node)
    elif scope == "consolidated":
        parts = [
            f"{column(col)}{r + 1}" for (other, kind, name), r in rows.items() if kind == "own" and name == line and _below(binder, other, entity)
        ]
        formula = "+".join(parts)
    else:
        formula = _own(spot, col, node, binder, rows, ledgers)
    if formula:
        binder.put(sheet, row, col, formula, node.value, _look(line))
    else:
        sheet.write(row, col, node.value, binder.formats["held"])


def _below(binder: Binder, entity: str, top: str) -> bool:
    parents = {e.name: e.parent for e in binder.book.case.tables.entities}
    while entity and entity != top:
        entity = parents[entity]
    return entity == top


def _own(spot: Spot, col: int, node: Node, binder: Binder, rows: dict[Spot, int], ledgers: Sources) -> str:
    """The formula of a line of one entity; empty where it is held."""
    entity, _, line = spot
    letter, head, (name, _, part) = column(col), f"{column(col)}${HEAD + 1}", line.partition(": ")
    here = f"$A{rows[spot] + 1}"
    if line in IDENTITIES:
        terms = [(f"{letter}{rows[entity, 'own', other] + 1}", sign) for other, sign in IDENTITIES[line].items() if (entity, "own", other) in rows]
        return "".join(f"{'+' if sign > 0 else '-'}{ref}" for ref, sign in terms).removeprefix("+")
    if line in ("capex", "depreciation", "revenue"):
        parts = [f"{letter}{r + 1}" for (other, kind, of), r in rows.items() if (other, kind) == (entity, "own") and of.startswith(f"{line}: ")]
        return f"SUM({','.join(parts)})" if parts else ""
    if part and name == "capex":
        return ledgers.payments.sumifs(entity=here, klass=f'"{part}"', period=head)
    if part and name == "revenue":
        return ledgers.sales.sumifs(entity=here, market=f'"{part}"', period=head)
    if part:
        found = ledgers.depreciation
        rates = f"depreciation!{letter}${FIRST + 1}:{letter}${max(found.last, FIRST) + 1}"
        same = f'({found.span(found.keys["entity"])}={here})*({found.span(found.keys["klass"])}="{part}")'
        return f"SUMPRODUCT({same}*{found.span(found.amount)}*{rates})"
    if line in ("variable cost", "fixed opex"):
        return ledgers.running.sumifs(entity=here, line=f'"{line}"', period=head)
    if line == "contract revenue":
        return ledgers.sales.sumifs(entity=here, kind='"contract"', period=head)
    if line == "expensed spend":
        return ledgers.payments.sumifs(entity=here, klass=f'"{EXPENSED}"', period=head)
    return binder.formula(node) if line in ("base business cash", "return on cash", "interest", "tax", "cash") and node.inputs else ""


def years(binder: Binder, rows: dict[Spot, int]) -> dict[Spot, int]:
    """Lines by calendar year: sums of the periods, levels at the end, the margin from both. Returns the row of each."""
    ground = binder.book.ground
    times = sorted({key[4] for key in ground.stated if key[0] == "year"})
    said = "A year gathers the periods that start in it; cash and debt are those of its last period. All of it formulas."
    sheet = binder.sheet("years", "Statements by year", said, (*_KEYS, *times), (14, 13, 30, 10, *([12] * len(times))), frozen=4)
    found = {spot: FIRST + n for n, (spot, _) in enumerate(spots(binder, "year"))}
    for (spot, unit), row in zip(spots(binder, "year"), found.values(), strict=True):
        _words(binder, sheet, row, spot, unit)
        for n, year in enumerate(times):
            address = at("years", who(ground, spot[0], spot[1]), spot[2], year)
            node = binder.book.find(address)
            if node is None:
                continue
            binder.place(address, "years", row, 4 + n)
            if spot[2] == MARGIN:
                letter = column(4 + n)
                formula = f"{letter}{found[(*spot[:2], 'operating income')] + 1}/{letter}{found[(*spot[:2], 'revenue')] + 1}"
            elif spot not in rows:
                continue
            else:
                formula = _of_year(node, binder)
            binder.put(sheet, row, 4 + n, formula, node.value, _look(spot[2]))
    return found


def _of_year(node: Node, binder: Binder) -> str:
    refs = [binder.cells[one.address] for one in node.inputs]
    return refs[0] if len(refs) == 1 else f"SUM({','.join(refs)})" if refs else "0"


def checks(binder: Binder, rows: dict[Spot, int], ledgers: Sources) -> None:
    """What must read nothing: identities of the statements always, the distance to the run until an assumption is changed."""
    heads = ("check", "kind", "largest difference")
    said = "`always` must read 0 whatever is changed; `run` reads 0 until an assumption is changed, and then how far the workbook is from the run."
    sheet = binder.sheet("checks", "Checks", said, heads, (76, 12, 20))
    row = FIRST
    for name, kind, formula in _checks(binder, rows, ledgers):
        sheet.write(row, 0, name)
        sheet.write(row, 1, kind)
        binder.put(sheet, row, 2, formula, 0.0, "check")
        row += 1
    sheet.write(row, 0, "all that must always read 0", binder.formats["text"])
    last = [n for n, (_, kind, _) in enumerate(_checks(binder, rows, ledgers), FIRST) if kind == "always"]
    binder.put(sheet, row, 2, "+".join(f"C{n + 1}" for n in last) or "0", 0.0, "check")
    binder.place("checks", "checks", row, 2)


def _checks(binder: Binder, rows: dict[Spot, int], ledgers: Sources) -> Iterator[tuple[str, str, str]]:
    """(What, kind, formula) of each check."""
    ground = binder.book.ground
    labels = ground.labels[: ground.view.seen]
    first, last = column(4), column(3 + len(labels))

    def span(spot: Spot) -> str:
        return f"lines!{first}{rows[spot] + 1}:{last}{rows[spot] + 1}"

    for sheet, ledger, lines_ in (
        ("payments", ledgers.payments, ("capex", "expensed spend")),
        ("sales", ledgers.sales, ("revenue",)),
        ("running", ledgers.running, ("variable cost", "fixed opex")),
    ):
        own = "+".join(f"SUM({span(spot)})" for spot in rows if spot[1] == "own" and spot[2] in lines_)
        told = f"all of `{sheet}` stands in the lines {' and '.join(lines_)} of the entities"
        yield told, "always", f"ROUND(SUM({ledger.span(ledger.amount)})-({own}),3)"
    for entity in (e.name for e in ground.case.tables.entities):
        free, capex, operating = ((entity, "own", name) for name in ("free cash flow", "capex", "operating cash flow"))
        yield f"{entity}: free cash flow + capex = operating cash flow", "always", _rounded(f"{span(free)}+{span(capex)}-{span(operating)}")
        parts = [spot for spot in rows if spot[:2] == (entity, "own") and spot[2].startswith("capex: ")]
        if parts:
            told = "+".join(span(spot) for spot in parts)
            yield f"{entity}: capex = its classes", "always", _rounded(f"{span(capex)}-({told})")
    for entity, scope, line in rows:
        if scope == "consolidated" and line in ("revenue", "capex", "operating income", "free cash flow"):
            amounts = [binder.book.node(at("lines", who(ground, entity, scope), line, label)).value for label in labels]
            yield f"{entity}, group: {line} of all periods = that of the run", "run", f"ROUND(SUM({span((entity, scope, line))})-{sum(amounts)!r},3)"


def _rounded(text: str) -> str:
    return f"ROUND(SUMPRODUCT(ABS({text})),6)"
