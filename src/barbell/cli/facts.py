"""``barbell facts show | find | conflicts | diff | check``: every number down to its source, and what speaks against it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from barbell.cli.app import app
from barbell.cli.options import LATEST, OUTPUT, Output, above

AsOf = Annotated[str, Parameter(name="--as-of", show_default=False)]
Top = Annotated[int, Parameter(name="--top", validator=above)]


@app["facts"].command
def show(name: str, /, *, as_of: AsOf = LATEST, output: Output = OUTPUT) -> None:
    """Open a fact: value, range, grade, source, every version, what other sources say, its formula if derived, and the cases that use it.

    Parameters
    ----------
    name
        Name of the fact, as in a cell without the ``@``.
    as_of
        Day, YYYY-MM-DD: what was known then; without one, all that is known.
    """
    from barbell.cli import factsheet, record
    from barbell.study import sheet

    found = sheet(name, as_of)
    if output.json:
        record.emit(factsheet.record(found))
    else:
        factsheet.show(found)


@app["facts"].command
def find(*words: str, as_of: AsOf = LATEST, top: Top = 40, output: Output = OUTPUT) -> None:
    """Find facts by words in their names, subjects, notes and sources; all words must occur.

    Parameters
    ----------
    words
        Words to look for, such as: aws revenue 2025.
    as_of
        Day, YYYY-MM-DD: what was known then.
    top
        How many facts to show.
    """
    from barbell.cli import factlist, record
    from barbell.study import search

    found = search(words, as_of)
    if output.json:
        record.emit(factlist.hits(words, found, top))
    else:
        factlist.show_hits(words, found, top)


@app["facts"].command
def conflicts(*, as_of: AsOf = LATEST, output: Output = OUTPUT) -> None:
    """Show where sources disagree: which is taken, why, what the others say, the widest spread first.

    Parameters
    ----------
    as_of
        Day, YYYY-MM-DD: what was known then.
    """
    from barbell.cli import factlist, record
    from barbell.facts import conflicts as side_by_side

    found = side_by_side(as_of)
    if output.json:
        record.emit({"conflicts": [factlist.conflict(one) for one in found]})
    else:
        factlist.show_conflicts(found)


@app["facts"].command
def diff(
    *,
    start: Annotated[str, Parameter(name="--from")],
    end: Annotated[str, Parameter(name="--to")],
    top: Top = 40,
    output: Output = OUTPUT,
) -> None:
    """Say what became known, changed or was confirmed between two days.

    Parameters
    ----------
    start
        The earlier day, YYYY-MM-DD; what is known on it is the ground.
    end
        The later day, YYYY-MM-DD.
    top
        How many new facts to show; changes are always shown in full.
    """
    from barbell.cli import factlist, record
    from barbell.facts import diff as between

    found = between(start, end)
    if output.json:
        record.emit({"from": start, "to": end, "changes": [factlist.change(one) for one in found]})
    else:
        factlist.show_changes(found, top)


@app["facts"].command(name="check")
def check_store(*, plant: Annotated[bool, Parameter(negative=(), show_default=False)] = False, output: Output = OUTPUT) -> None:
    """Check the store: every guard over its rows and sums, and how much of it rests on an address or a filing.

    Parameters
    ----------
    plant
        Also plant an error in each graded figure of a company, one at a time, and count those that the guards see (some ten seconds).
    """
    from barbell.cli import factcheck, record
    from barbell.core.errors import CaseError
    from barbell.facts import faults

    wrong = faults()
    if wrong:
        raise CaseError(wrong, folder="the store of facts")
    found = factcheck.survey(plant=plant)
    if output.json:
        record.emit(found)
    else:
        factcheck.show(found)
