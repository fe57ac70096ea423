"""``barbell runs list | show | diff | reindex | prune``: what was kept, what differs, what may go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import OUTPUT, Output
from barbell.cli.progress import amiss

FOLDER = Path("runs")
Flag = Annotated[bool, Parameter(negative=(), show_default=False)]


@app["runs"].command(name="list")
def list_runs(*, out: Path = FOLDER, output: Output = OUTPUT) -> None:
    """List the runs that were kept, the newest first.

    Parameters
    ----------
    out
        Folder below which runs are kept.
    """
    from barbell.cli import runlist
    from barbell.io.catalogue import entries
    from barbell.io.whole import leftovers

    runlist.tell(out, entries(out, amiss), leftovers(out), machine=output.json)


@app["runs"].command
def show(run: str, /, *, out: Path = FOLDER, output: Output = OUTPUT) -> None:
    """Open a run: its headline, what was changed, what it was made with, its files and whether they are as they were written.

    Parameters
    ----------
    run
        Folder of the run, beginning of its key, or name of a case: then its newest.
    out
        Folder below which runs are kept.
    """
    from barbell.cli import runsheet
    from barbell.io import runs
    from barbell.io.catalogue import find

    folder = find(out, run, amiss)
    runsheet.tell(folder, runs.manifest(folder), runs.damage(folder), machine=output.json)


@app["runs"].command
def diff(first: str, second: str, /, *, out: Path = FOLDER, output: Output = OUTPUT) -> None:
    """Say what differs between two runs: what was asked, known and made with, then decisions, volumes, prices, money.

    Parameters
    ----------
    first
        Folder of a run, beginning of its key, or name of a case: then its newest.
    second
        The other.
    out
        Folder below which runs are kept.
    """
    from barbell.cli import rundiff
    from barbell.io.catalogue import find
    from barbell.study import difference, opened

    one, other = (opened(find(out, name, amiss)) for name in (first, second))
    rundiff.tell(difference(one, other), machine=output.json)


@app["runs"].command
def reindex(*, out: Path = FOLDER, output: Output = OUTPUT) -> None:
    """Build the catalogue anew from the folders, every file of every run held against its hash.

    Parameters
    ----------
    out
        Folder below which runs are kept.
    """
    from barbell.cli import runlist
    from barbell.io.catalogue import rebuild

    runlist.tell_rebuilt(out, rebuild(out, amiss), machine=output.json)


@app["runs"].command
def prune(
    *,
    out: Path = FOLDER,
    keep: Annotated[int | None, Parameter(show_default=False)] = None,
    older: Annotated[float | None, Parameter(show_default=False)] = None,
    damaged: Flag = False,
    leftovers: Flag = False,
    yes: Flag = False,
    output: Output = OUTPUT,
) -> None:
    """Say what may go, and remove it with --yes.

    Parameters
    ----------
    out
        Folder below which runs are kept.
    keep
        All but so many of the newest of each case. With --older: what neither keeps.
    older
        What is older than so many days.
    damaged
        Runs of which a file is missing or not as it was written.
    leftovers
        What processes left that were killed while they wrote.
    yes
        Remove it.
    """
    from barbell.cli import runlist
    from barbell.core.errors import CaseError, Fault, Where
    from barbell.io.catalogue import entries
    from barbell.io.prune import doomed, remove

    wrong = [(name, value) for name, value in (("--keep", keep), ("--older", older)) if value is not None and not value >= 0]
    faults = [Fault(Where(name), f"{value:g}", "is below zero", "Give a number from 0 on") for name, value in wrong]
    if keep is None and older is None and not damaged and not leftovers:
        faults.append(Fault(Where("prune"), "", "is not told what to remove", "Give --keep N, --older DAYS, --damaged or --leftovers"))
    if faults:
        raise CaseError(faults, folder="the command")
    marked = doomed(out, keep=keep, older=older, damaged=damaged, leftovers=leftovers, say=amiss)
    if yes:
        marked = remove(marked)
        entries(out, amiss)  # strikes them out
    runlist.tell_pruned(marked, removed=yes, machine=output.json)
