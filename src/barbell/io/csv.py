"""CSV to records with line numbers: UTF-8, commas, one header line, `#` comments."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from barbell.core.errors import Fault, Where


@dataclass(frozen=True)
class Sheet:
    """A file's header line and records, each with the line on which it begins."""

    file: str
    line: int
    header: tuple[str, ...]
    records: tuple[tuple[int, tuple[str, ...]], ...]
    whole: bool
    """False when a record was left out for a fault."""


def sheet(text: str, *, label: str, faults: list[Fault]) -> Sheet | None:
    """Records of a file; None, and a fault, when it has no header. Records of a wrong length are left out, each with a fault."""
    before = len(faults)
    lines = list(_records(text, label, faults))
    if not lines:
        if len(faults) == before:
            faults.append(Fault(Where(label), "", "there is no header line", "Write the field names in the first line, separated by commas"))
        return None
    (line, header), *rest = lines
    if len(header) == 1 and (sign := next((sign for sign in (";", "\t") if sign in header[0]), "")):
        shown = "a semicolon" if sign == ";" else "a tab"
        faults.append(Fault(Where(label, line), header[0], f"columns are separated by {shown}", "Separate them by commas"))
        return None
    good = [(number, cells) for number, cells in rest if _fits(number, cells, header, label, faults)]
    return Sheet(label, line, header, tuple(good), len(faults) == before)


def _fits(line: int, cells: tuple[str, ...], header: tuple[str, ...], label: str, faults: list[Fault]) -> bool:
    if len(cells) == len(header):
        return True
    shown = ",".join(cells)
    fix = "Quote cells that contain a comma" if len(cells) > len(header) else "Add commas for the empty cells at the end"
    problem = f"{len(cells)} cells where the header has {len(header)}"
    faults.append(Fault(Where(label, line), shown if len(shown) <= 60 else shown[:57] + "...", problem, fix))
    return False


def _records(text: str, label: str, faults: list[Fault]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Records, comments and empty lines left out; a quoted cell may go on over several lines."""
    held, begun = "", 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not held and (not line.strip(" ,") or line.lstrip().startswith("#")):
            continue
        held, begun = (f"{held}\n{line}", begun) if held else (line, number)
        if held.count('"') % 2 == 0:
            if (cells := _cells(held, begun, label, faults)) is not None:
                yield begun, cells
            held = ""
    if held:
        faults.append(
            Fault(
                Where(label, begun),
                held[:40],
                "a quote is opened and never closed",
                'Close it, or write "" for a quote inside a quoted cell',
            )
        )


def _cells(record: str, line: int, label: str, faults: list[Fault]) -> tuple[str, ...] | None:
    try:
        rows = list(csv.reader([part + "\n" for part in record.split("\n")], strict=True))
    except csv.Error as error:
        faults.append(Fault(Where(label, line), record[:40], f"not CSV: {error}", "Quote the whole cell, and double the quotes inside it"))
        return None
    if len(rows) != 1:
        faults.append(Fault(Where(label, line), record[:40], "a line break that is not inside quotes", "Quote the cell or remove the line break"))
        return None
    return tuple(cell.strip() for cell in rows[0])
