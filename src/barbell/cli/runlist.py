"""Kept runs in a table, and what becomes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from barbell.cli import record
from barbell.report.layout import Page, aligned, page, table
from barbell.report.number import Money, money

if TYPE_CHECKING:
    from barbell.io.catalogue import Entry
    from barbell.io.prune import Doomed

YEARS = 3
"""Years of capex shown, from the first on."""
WIDE = 110
"""Columns of a terminal that holds what was changed beside the figures."""


def tell(out: Path, found: Sequence[Entry], left: Sequence[Path], *, machine: bool) -> None:
    """List runs, and say what is damaged or was left behind."""
    if machine:
        record.emit({"runs": [_record(out, one) for one in found], "leftovers": [room.as_posix() for room in left]})
        return
    console = page()
    if not found:
        console.say(f"No runs below {out.as_posix()}: `barbell run CASE` keeps one.")
    for unit in dict.fromkeys(one.money for one in found):
        _listed(console, [one for one in found if one.money == unit], unit)
    for case, question in dict.fromkeys((one.case, one.question) for one in found if one.question):
        console.say(f"{case}: {question}")
    _amiss(console, found, left)


def tell_rebuilt(out: Path, found: Sequence[Entry], *, machine: bool) -> None:
    """Say what the catalogue holds now."""
    if machine:
        record.emit({"runs": len(found), "damaged": [_record(out, one) for one in found if one.damage]})
        return
    console = page()
    console.say(f"Read {count(len(found), 'run')} below {out.as_posix()}, {size(sum(one.bytes for one in found))}, every file against its hash.")
    _amiss(console, found, ())


def tell_pruned(marked: Sequence[Doomed], *, removed: bool, machine: bool) -> None:
    """Say what went or may go."""
    total = sum(one.bytes for one in marked)
    if machine:
        record.emit(
            {"removed": removed, "bytes": total, "folders": [{"folder": one.folder.as_posix(), "why": one.why, "bytes": one.bytes} for one in marked]}
        )
        return
    console = page()
    if not marked:
        console.say("Nothing to remove.")
        return
    table(console, "", ("folder", "why", "size"), [(one.folder.as_posix(), one.why, size(one.bytes)) for one in marked], words=2)
    folders = count(len(marked), "folder")
    console.say(f"\nRemoved {folders}, {size(total)}." if removed else f"\nWould remove {folders}, {size(total)}: say --yes to do so.")


def size(count_: float) -> str:
    """Bytes in a unit that reads well."""
    for unit in ("B", "kB", "MB"):
        if count_ < 1000:
            return f"{count_:.0f} {unit}" if unit == "B" or count_ >= 10 else f"{count_:.1f} {unit}"
        count_ /= 1000
    return f"{count_:.1f} GB"


def when(finished: str) -> str:
    """A time as people read it, in UTC."""
    return finished[:16].replace("T", " ")


def count(number: int, what: str) -> str:
    """A number of things."""
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def _listed(console: Page, found: Sequence[Entry], unit: str) -> None:
    """Runs that count in one money; a narrow terminal shows how the key begins, and neither changes nor size."""
    wide = console.width >= WIDE
    years = sorted({year for one in found for year in one.capex_by_year})[: YEARS if wide else YEARS - 1]
    worth = money(unit, [amount for one in found for amount in (one.value or 0.0, *one.capex_by_year.values())])
    numbers = {"value": [_scaled(one.value, worth) for one in found]}
    numbers |= {f"capex {year}": [_scaled(one.capex_by_year.get(year), worth) for one in found] for year in years}
    words = {
        "kept (UTC)": [when(one.finished) for one in found],
        "case": [one.case for one in found],
        "key": [one.key if wide else one.key[:8] for one in found],
        "answer": ["damaged" if one.damage else one.status for one in found],
        **({"changed": [_changed(one) for one in found]} if wide else {}),
    }
    shown = {head: cells for head, cells in words.items() if any(cells)}
    columns = shown | {head: aligned(values) for head, values in numbers.items()}
    columns |= {"size": [size(one.bytes) for one in found]} if wide else {}
    table(console, f"Money in {worth.told_year}" if unit else "", list(columns), list(zip(*columns.values(), strict=True)), words=len(shown))
    console.print()


def _changed(one: Entry) -> str:
    return ", ".join(f"{path}={value}" for path, value in one.changed.items())


def _scaled(value: float | None, worth: Money) -> float:
    return math.nan if value is None else value * worth.factor


def _amiss(console: Page, found: Sequence[Entry], left: Sequence[Path]) -> None:
    damaged = [one for one in found if one.damage]
    for one in damaged:
        console.say(f"{one.folder} is damaged: {one.damage}.")
    if damaged:
        console.say("`barbell runs prune --damaged` removes what is damaged.")
    if left:
        console.say(f"{count(len(left), 'folder')} left by killed processes: `barbell runs prune --leftovers` removes them.")


def _record(out: Path, one: Entry) -> dict[str, Any]:
    return {
        "folder": (out / one.folder).as_posix(), "finished": one.finished, "key": one.key, "case": one.case, "question": one.question,
        "changes": one.changed, "value": one.value, "money": one.money, "capex_by_year": one.capex_by_year, "status": one.status,
        "gap": one.gap, "bytes": one.bytes, "damage": one.damage,
    }  # fmt: skip
