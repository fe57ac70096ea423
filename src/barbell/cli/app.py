"""The commands: what can be asked, and with which options. Each loads what it needs only when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from barbell import __version__
from barbell.cli.options import ASKED, EFFORT, OUTPUT, Asked, Effort, Output, above
from barbell.report.layout import page

if TYPE_CHECKING:
    from barbell.plan import Plan

app = App(
    name="barbell",
    help="Plan the build-out of AI infrastructure: what to build, when and where, and what every bottleneck is worth.",
    help_epilogue="Exit codes: 0 ok, 1 case or usage error, 2 infeasible or unbounded, 3 solver limit, 4 bug.",
    help_format="plaintext",
    version=__version__,
    version_format="plaintext",
    result_action="return_value",
    suppress_keyboard_interrupt=False,  # `run` gives it its exit code
)

for _name, _help in {
    "case": "A case as an Excel workbook, and back into a folder.",
    "facts": "The sourced numbers: what is known, since when, from whom, and what is claimed against them.",
    "runs": "The runs that were kept: list, open, compare and remove them.",
    "workloads": "What chips do: training and serving, predicted with intervals, held against measured rows.",
}.items():
    app.command(App(name=_name, help=_help))


@app.command
def new(folder: Path, /, *, example: str = "toy", output: Output = OUTPUT) -> None:
    """Start a case of your own from an example.

    Parameters
    ----------
    folder
        Folder to make; it must not exist, or be empty.
    example
        Example case to copy.
    """
    from barbell.cli import record
    from barbell.study import new as make

    made = make(folder, example=example)
    if output.json:
        record.emit({"case": made.as_posix()})
        return
    page().say(f"Wrote the case {made}. Next: barbell check {made}, then barbell plan {made}")


@app.command
def check(
    case: Path,
    /,
    *,
    deep: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    all_of_it: Annotated[bool, Parameter(name="--all", negative=(), show_default=False)] = False,
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> int:
    """Read a case and say what is wrong with it: every fault at once, with place, value and fix.

    Parameters
    ----------
    case
        Folder of the case.
    deep
        Plan it as well, and review it: what collides, what nothing can reach, what decides nothing, what looks odd.
    all_of_it
        With --deep: show every finding, not the first of each kind.
    """
    from barbell.cli import record, show
    from barbell.study import check as read

    if deep:
        from barbell.cli.reviewed import command

        return command(case, asked, effort, output, all_of_it=all_of_it)
    found = read(case, asked.cells)
    if output.json:
        record.emit(record.case(found))
    else:
        show.case(found)
    return 0


@app.command
def plan(case: Path, /, *, asked: Asked = ASKED, effort: Effort = EFFORT, output: Output = OUTPUT) -> None:
    """Plan a case: what to build, when and where, what it earns and what binds.

    Parameters
    ----------
    case
        Folder of the case.
    """
    from barbell.cli import record, show

    found = _plan(case, asked, effort, output)
    if output.json:
        record.emit(record.plan(found))
    else:
        show.plan(found)


@app.command
def explain(
    case: Path,
    number: str = "",
    /,
    *,
    top: Annotated[int | None, Parameter(validator=above, show_default=False)] = None,
    depth: Annotated[int, Parameter(validator=above)] = 4,
    asked: Asked = ASKED,
    effort: Effort = EFFORT,
    output: Output = OUTPUT,
) -> None:
    """Say what binds a plan, in order of worth, or why there is none; in the folder of a run, open a number down to its sources.

    Parameters
    ----------
    case
        Folder of the case; or that of a run, with a number of it.
    number
        Address of a number of the run, such as capex/2026, orders/b200@va/2026Q3, headline/objective_usd, assets.b200.capex.
    top
        How many bottlenecks to show (20); of a number, how many of each sum (8).
    depth
        How many levels of inputs to open below a number.
    """
    from barbell.cli import chain, record, show
    from barbell.cli.progress import progress
    from barbell.study import explain as reasons
    from barbell.study.chain.kept import is_run

    if number or is_run(case):
        chain.explain(case, number, depth=depth, top=top or 8, machine=output.json)
        return
    found = _plan(case, asked, effort, output)
    with progress(quiet=effort.quiet, machine=output.json) as say:
        if say:
            say("solving again with a little more and a little less of what is scarce")
        bottlenecks = reasons(found, top=top or 20)
    if output.json:
        record.emit(record.explanation(found, bottlenecks))
    else:
        show.bottlenecks(found, bottlenecks)


def _plan(case: Path, asked: Asked, effort: Effort, output: Output) -> Plan:
    from barbell.cli.progress import progress

    with progress(quiet=effort.quiet, machine=output.json) as say:
        from barbell.study import plan as make

        return make(case, asked.cells, options=effort.options, progress=say)
