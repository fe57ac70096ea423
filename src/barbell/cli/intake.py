"""The command ``barbell facts import``: fresh figures from a file, into a CSV for a person to look at."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output
from barbell.core.errors import FactError
from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.facts.intake import Intake

_SHOWN = 20


@app["facts"].command(name="import")
def bring(
    *,
    companyfacts: Path | None = None,
    csv: Path | None = None,
    to: Path = Path(),
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    output: Output = OUTPUT,
) -> None:
    """Read fresh figures from a file, offline, into a CSV of the store's columns to look at; say what was refused and why.

    Parameters
    ----------
    companyfacts
        The SEC's file of a company (CIK##########.json).
    csv
        A CSV with the columns of the store.
    to
        Folder for the CSV that is written.
    dry_run
        Print the figures and write nothing.
    """
    from barbell.cli import record
    from barbell.facts.companyfacts import companyfacts as read
    from barbell.facts.sheet import sheet
    from barbell.study.intake import save

    if companyfacts is not None and csv is None:
        intake = read(companyfacts)
    elif csv is not None and companyfacts is None:
        intake = sheet(csv)
    else:
        raise FactError("Give one file: --companyfacts FILE or --csv FILE")
    path = None if dry_run else save(intake, to)
    if output.json:
        record.emit(_record(intake, path))
    else:
        _show(intake, path)


def _record(intake: Intake, path: Path | None) -> Record:
    told: Record = {
        "file": path.as_posix() if path else None,
        "count": len(intake.figures),
        **intake.standing,
        "differences": [one._asdict() for one in intake.differing],
        "untied": [asdict(one) for one in intake.untied],
        "refused": [asdict(one) for one in intake.refusals],
    }
    return told if path else told | {"figures": [asdict(figure) for figure in intake.figures]}


def _show(intake: Intake, path: Path | None) -> None:
    console = page()
    if path is None:
        rows = [(figure.name, figure.as_of, figure.grade, figure.value, figure.unit, figure.note) for figure in intake.figures]
        table(console, "Figures", ("name", "known from", "grade", "value", "unit", "note"), rows, words=6)
        console.print()
    standing = intake.standing
    told = f"{standing['new']} names are new, {standing['same']} say what the store says, {standing['differing']} say something else"
    console.say(f"{len(intake.figures)} figures: {told}.")
    _listed("Other than in the store", ("name", "store", "file", "unit"), list(intake.differing))
    _listed("Sums that do not hold", ("sum", "of", "is", "not"), [(i.kind, i.subject, f"{i.left:g}", f"{i.right:g}") for i in intake.untied])
    if intake.refusals:
        console.print("\nRefused", style="bold")
    for one in intake.refusals:
        times = f" ({one.count} times)" if one.count > 1 else ""
        console.say(f"  {one.subject}: {one.reason}{times}")
    if path is not None:
        console.say(f"\nWrote {path}. Look at it before you add its rows to the store.")
    else:
        console.print("\nNothing was written.")


def _listed(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        console = page()
        console.print()
        table(console, title, heads, rows[:_SHOWN], words=len(heads))
        if len(rows) > _SHOWN:
            console.print(f"and {len(rows) - _SHOWN} more")
