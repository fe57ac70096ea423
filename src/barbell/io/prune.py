"""What may go of the runs below one place: old ones, damaged ones, and what killed processes left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from barbell.core.errors import CaseError, Fault, Where
from barbell.io import runs, whole
from barbell.io.catalogue import Entry, entries

Say = Callable[[str], None]
DAMAGED, LEFT = "damaged", "left by a killed process"


@dataclass(frozen=True)
class Doomed:
    """A folder that may go, why, and its size."""

    folder: Path
    why: str
    bytes: int


def doomed(
    out: Path, *, keep: int | None = None, older: float | None = None, damaged: bool = False, leftovers: bool = False, say: Say | None = None
) -> list[Doomed]:
    """What may go. Nothing is touched.

    `keep`: all but so many of the newest of each case; `older`: what is older than so many days; both: what neither keeps. `damaged`: runs
    of which a file is missing or not as it was written, each read in full; `leftovers`: folders under work whose process has ended.
    """
    found = entries(out, say)
    marked: dict[Path, Doomed] = {}
    if keep is not None or older is not None:
        for one in found:
            late = older is None or _age(out, one) > timedelta(days=older)
            if late and not (keep is not None and one in _newest(found, one.case, keep)):
                marked[out / one.folder] = Doomed(out / one.folder, "old", one.bytes)
    for one in found if damaged else ():
        if _damaged(out / one.folder):
            marked[out / one.folder] = Doomed(out / one.folder, DAMAGED, one.bytes)
    rooms = whole.leftovers(out) if leftovers else []
    return [*marked.values(), *(Doomed(room, LEFT, _size(room)) for room in rooms)]


def remove(marked: Iterable[Doomed]) -> list[Doomed]:
    """Remove what is marked, each at once and then its files; what has been mended or taken up again since then stays.

    Returns what went. Raises CaseError, after all others have gone, with what the system would not remove.
    """
    gone, faults = [], []
    for one in marked:
        try:
            if _away(one):
                gone.append(one)
        except OSError as error:
            fix = "See to it that its folder may be written"
            faults.append(Fault(Where(str(one.folder)), "", f"cannot be removed: {error.strerror or error}", fix))
    if faults:
        raise CaseError(faults, folder="what was to be removed")
    return gone


def _away(one: Doomed) -> bool:
    if one.why == LEFT:
        return whole.sweep(one.folder)
    if not one.folder.is_dir() or (one.why == DAMAGED and not _damaged(one.folder)):
        return False
    whole.remove(one.folder)
    return True


def _newest(found: list[Entry], case: str, keep: int) -> list[Entry]:
    """The newest runs of a case; damaged ones do not count."""
    return [one for one in found if one.case == case and not one.damage][:keep]


def _age(out: Path, one: Entry) -> timedelta:
    """Time since a run ended; below zero where the clock has been set back since."""
    try:
        return datetime.now(UTC) - datetime.fromisoformat(one.finished)
    except (ValueError, TypeError):  # an old or a damaged run does not say
        return datetime.now(UTC) - datetime.fromtimestamp((out / one.folder).stat().st_mtime, UTC)


def _damaged(folder: Path) -> bool:
    """Whether a run is damaged for certain: not where it merely may not be read."""
    try:
        return bool(runs.damage(folder))
    except CaseError:
        return False


def _size(room: Path) -> int:
    return sum(path.stat().st_size for path in room.rglob("*") if path.is_file())
