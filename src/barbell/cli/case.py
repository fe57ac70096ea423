"""``barbell case export | import``: a case as an Excel workbook, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from barbell.cli import record
from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output
from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.study.exchange import Exported, Imported

_SHOWN = 20
Replace = Annotated[bool, Parameter(negative=(), show_default=False)]


@app["case"].command
def export(case: Path, /, *, to: Path | None = None, replace: Replace = False, output: Output = OUTPUT) -> None:
    """Write a case as an Excel workbook: one sheet per table, every cell as the files have it, facts with their sources.

    Parameters
    ----------
    case
        Folder of the case.
    to
        Workbook to write; without it NAME.xlsx in the working folder.
    replace
        Write over a workbook that exists.
    """
    from barbell.study.exchange import export as write

    made = write(case, to, replace=replace)
    if output.json:
        record.emit({"case": made.case, "workbook": made.path.as_posix(), "rows": dict(made.rows)})
    else:
        _show_export(made)


@app["case"].command(name="import")
def bring(workbook: Path, /, *, to: Path | None = None, into: Path | None = None, replace: Replace = False, output: Output = OUTPUT) -> None:
    """Read a workbook back into a case: every fault at once with sheet and cell, and nothing is written unless all of it is right.

    Parameters
    ----------
    workbook
        The workbook (.xlsx).
    to
        New folder for the case.
    into
        Folder of a case to change; only its case.yaml and tables are touched.
    replace
        With --into: also where the case has changed since the export.
    """
    from barbell.study.exchange import bring as read

    found = read(workbook, to=to, into=into, replace=replace)
    if output.json:
        record.emit(_record(found))
    else:
        _show_import(found, workbook)


def _record(found: Imported) -> record.Record:
    return {
        "case": found.case.name,
        "folder": found.folder.as_posix(),
        "files": list(found.written),
        "removed": list(found.removed),
        "changes": None if found.changes is None else [one._asdict() for one in found.changes],
        "notices": [{"file": one.where.file, "line": one.where.line, "cell": one.where.cell, "text": one.text} for one in found.notices],
    }


def _show_export(made: Exported) -> None:
    rows = sum(made.rows.values())
    console = page()
    console.say(f"Wrote {made.path.as_posix()}: {len(made.rows)} tables, {rows:,} rows.")
    console.say(f"Change it, then barbell case import {made.path.as_posix()} --to FOLDER")


def _show_import(found: Imported, workbook: Path) -> None:
    console = page()
    if found.changes:
        rows = [(one.path, one.before or "-", one.after or "-") for one in found.changes[:_SHOWN]]
        table(console, "Changed", ("cell", "before", "after"), rows, words=3)
        if len(found.changes) > _SHOWN:
            console.print(f"and {len(found.changes) - _SHOWN:,} more")
        console.print()
    if found.notices:
        console.print("Mended or left out", style="bold")
        for one in found.notices[:_SHOWN]:
            console.say(f"  {one}")
        if len(found.notices) > _SHOWN:
            console.print(f"  and {len(found.notices) - _SHOWN:,} more (all with --json)")
        console.print()
    count = f"{len(found.changes):,} cells changed" if found.changes else "nothing changed" if found.changes is not None else "compared with nothing"
    count = count.replace("1 cells", "1 cell") if count.startswith("1 ") else count
    console.say(f"Wrote the case {found.folder.as_posix()} from {workbook.name}: {count}.")
    for path in found.removed:
        console.say(f"Removed {path}, of which the workbook has no rows.")
    console.say(f"Next: barbell plan {found.folder.as_posix()}")
