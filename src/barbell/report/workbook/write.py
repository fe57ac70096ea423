"""From a run to a workbook in a file: the sheets in their order, whole or not at all."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from barbell import __version__
from barbell.core.errors import CaseError, Fault, Where
from barbell.report.file import put
from barbell.report.workbook import ledgers, pages, statements
from barbell.report.workbook.binder import Binder
from barbell.report.workbook.power import power

if TYPE_CHECKING:
    from barbell.report.source import Source

SHEETS = {
    "read me": "what this is, what is live and what is held",
    "charts": "four figures: capex, revenue and income, free cash flow, megawatts",
    "years": "statements by calendar year, sums over `lines`",
    "lines": "statements by period, sums over the ledgers",
    "assumptions": "cells of the case that formulas read: change them here (blue)",
    "purchases": "what is bought: units x price",
    "payments": "what is paid when: cost x share due",
    "depreciation": "vintages: cost x share charged",
    "sales": "volume x price x years",
    "running": "amount x cost x index x years",
    "indices": "price indices by period",
    "fleet": "what stands, and megawatts by rung",
    "power": "loads, energy and what it costs",
    "checks": "what must read 0",
    "sources": "every fact behind the case, with range, grade and address",
    "provenance": "results opened down to cells and facts",
}
"""Sheets in their order, and what each holds."""


def write(source: Source, path: Path) -> Path:
    """Write the workbook of a run to a file, whole or not at all. Raises CaseError where the disk refuses."""
    return put(content_of(source), path, "--to")


def content_of(source: Source) -> bytes:
    """The workbook as bytes; the same run gives the same bytes."""
    from xlsxwriter.workbook import Workbook

    if source.book is None:
        raise CaseError(
            [Fault(Where("--to"), "", "a workbook needs the run's own numbers", "Run the case, or name the folder of a run")], "the workbook"
        )
    buffer = BytesIO()
    made = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    case = source.case
    made.set_properties({"title": f"{case.name}: {case.question}", "comments": f"Barbell {__version__}", "created": _day(case.as_of)})
    made.set_calc_mode("auto")
    binder = Binder(made, source.book)
    for name in SHEETS:
        binder.add(name)
    ledgers.indices(binder)
    ledgers.purchases(binder)
    found = statements.Sources(ledgers.payments(binder), ledgers.depreciation(binder), ledgers.sales(binder), ledgers.running(binder))
    rows = statements.lines(binder, found)
    yearly = statements.years(binder, rows)
    statements.checks(binder, rows, found)
    rungs = pages.fleet(binder)
    power(binder, found.running)
    pages.assumptions(binder)
    pages.sources(binder)
    pages.provenance(binder)
    pages.charts(binder, yearly, rungs)
    pages.front(binder, source, SHEETS)
    made.close()
    return buffer.getvalue()


def _day(text: str) -> datetime:
    """A day as the time that a file carries; that of the case, so that the same run gives the same file."""
    return datetime.fromisoformat(text) if text else datetime(2000, 1, 1)
