"""Commands that go all the way: run a case to its report, compare several, write a report to send."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import ASKED, EFFORT, OUTPUT, Asked, Effort, Output, writable
from barbell.core.errors import CaseError, Fault, Where
from barbell.report.layout import page

if TYPE_CHECKING:
    from barbell.report.source import Source
    from barbell.study import Kept, Run


REPORT = "report.html"
"""Name of the report in the folder of a run."""


@app.command
def run(
    case: Path,
    /,
    *,
    out: Path = Path("runs"),
    again: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> None:
    """Run a case: plan, statements, bottlenecks, what greed would have built, ranges, actuals; ends with a report.

    A question that a kept run answers already is not worked out anew.

    Parameters
    ----------
    case
        Folder of the case.
    out
        Folder below which the run is kept.
    again
        Work it out anew, even where a kept run answers the question.
    """
    from barbell.cli.progress import amiss, progress
    from barbell.study import Kept, ask, headline, keep

    with progress(quiet=effort.quiet, machine=output.json) as say:
        found = ask(case, asked.cells, out=out, again=again, texts=(REPORT,), options=effort.options, progress=say, say=amiss, work=_drawing)
    from barbell.report.source import recalled, source

    if isinstance(found, Kept):
        _tell(found.folder, recalled(found), found.headline, found, output)
        return
    from barbell.report.page import html

    made = source(found)
    _tell(keep(found, out, {REPORT: html(made)}, say=amiss), made, headline(found), None, output)


def _tell(folder: Path, made: Source, figures: dict[str, Any], kept: Kept | None, output: Output) -> None:
    """Say what a run found and where it lies; of a kept one that it was kept, and when."""
    report = folder / REPORT
    if output.json:
        from barbell.cli import record

        record.emit({**figures, "reused": kept is not None, "run_dir": folder.as_posix(), "report": report.as_posix()})
        return
    from barbell.report.terminal import summary

    console = page()
    summary(console, made)
    memory = f" and {made.peak_mb:,.0f} MB" if made.peak_mb > 0 else ""
    console.say(f"\nTook {made.seconds:.1f} s{memory}. The whole story: {report.as_posix()}")
    if kept:
        day = kept.manifest["finished"][:16].replace("T", " ")
        console.say(f"Answered from {folder.as_posix()}, kept on {day} UTC; --again works it out anew.")


def _drawing() -> None:
    """Begin to load the drawing library: that takes a second, which the solver needs as well."""
    from barbell.report.vega import fetch

    fetch()


@app.command
def report(case: Path, /, *, to: Path = Path("report.html"), asked: Asked = ASKED, effort: Effort = EFFORT, output: Output = OUTPUT) -> None:
    """Write the report of a case, or of a kept run, as one file: a page that needs no network, or a workbook with live formulas.

    Parameters
    ----------
    case
        Folder of the case, which is run; or that of a run, which is not run again.
    to
        File to write; one that exists is replaced. Its ending decides: .xlsx a workbook, anything else a page.
    """
    from barbell.report import page as pages
    from barbell.report import workbook
    from barbell.report.source import recalled, source
    from barbell.study.chain.kept import is_run, run_in

    writable(to, "--to")
    if is_run(case) and asked.changes:
        fault = Fault(Where("--set"), asked.changes[0], "would need a new plan, and a kept run is not run again", "Name the folder of the case")
        raise CaseError([fault], folder="the command")
    content = recalled(run_in(case)) if is_run(case) else source(_run(case, asked, effort, output))
    made = (workbook.write if to.suffix.lower() == ".xlsx" else pages.write)(content, to)
    if output.json:
        from barbell.cli import record

        record.emit({"case": content.case.name, "report": made.as_posix()})
        return
    page().say(f"Wrote {made.as_posix()}")


@app.command
def compare(
    *cases: Path,
    vary: Annotated[tuple[str, ...], Parameter(name="--vary", negative=(), show_default=False)] = (),
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> None:
    """Set cases, or one case with several values of a cell, side by side: inputs, decisions, prices, money.

    Parameters
    ----------
    cases
        Folders of the cases.
    vary
        Values of a cell to compare: path='one | other', such as limits.capex_2026.bound='150 GUSD2026 | 200 GUSD2026'. Repeatable.
    """
    from barbell.cli import record, show
    from barbell.cli.progress import progress
    from barbell.study import compare as side_by_side
    from barbell.study import variants

    asked_for = variants([str(case) for case in cases], asked.cells, _values(vary))
    with progress(quiet=effort.quiet, machine=output.json) as say:
        found = side_by_side(asked_for, options=effort.options, progress=say)
    if output.json:
        record.emit(record.comparison(found))
    else:
        show.comparison(found)


def _values(vary: tuple[str, ...]) -> dict[str, list[str]]:
    """Values by path; raises CaseError for entries of another form and for paths named twice."""
    found: dict[str, list[str]] = {}
    faults = []
    for entry in vary:
        path, sign, text = entry.partition("=")
        values = [value.strip() for value in text.split("|")]
        if not sign or not path or len(values) < 2 or not all(values):
            fix = "Write --vary limits.capex_2026.bound='150 GUSD2026 | 200 GUSD2026'"
            faults.append(Fault(Where("--vary"), entry, "is not of the form path=one | other", fix))
        elif path in found:
            faults.append(Fault(Where("--vary"), entry, "varies a cell a second time", "Give each path once"))
        found[path] = values
    if faults:
        raise CaseError(faults, folder="the command")
    return found


def _run(case: Path, asked: Asked, effort: Effort, output: Output) -> Run:
    from barbell.cli.progress import progress

    _drawing()
    with progress(quiet=effort.quiet, machine=output.json) as say:
        from barbell.study import run as make

        return make(case, asked.cells, options=effort.options, progress=say)
