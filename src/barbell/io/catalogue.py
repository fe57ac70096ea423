"""The catalogue of runs: an index in SQLite of the folders below one place, which alone hold the truth.

It can be deleted at any time. Every look compares it with the folders: one that it does not know is read and entered, one that is gone
is struck out. Where it is damaged it is built anew; where it is in use or cannot be written, the folders answer.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from barbell.core.errors import CaseError, Fault, Where
from barbell.core.spelling import suggestion
from barbell.io import index, runs, whole

NAME = "catalogue.sqlite"
"""File of the catalogue, beside the folders."""

Say = Callable[[str], None]
_RUN = re.compile(r"(.+)-([0-9a-f]{12})")


@dataclass(frozen=True)
class Entry:
    """A run in a line. Money counts in `money`, capex by calendar year; `value` and `gap` are None where an old run did not say.

    `finished` is a time in UTC (ISO 8601), as the clock of that machine stood; `turn` counts the runs as they were kept, so that their
    order survives a clock that was set back. `damage` says what is wrong with the folder and is empty where nothing was found.
    """

    folder: str
    turn: int = 0
    finished: str = ""
    key: str = ""
    case: str = ""
    question: str = ""
    changes: str = "{}"
    value: float | None = None
    money: str = ""
    capex: str = "{}"
    status: str = ""
    gap: float | None = None
    bytes: int = 0
    damage: str = ""

    @property
    def changed(self) -> dict[str, str]:
        """What was put over the case, by path."""
        return dict(json.loads(self.changes))

    @property
    def capex_by_year(self) -> dict[str, float]:
        """Capex by calendar year."""
        return dict(json.loads(self.capex))


_COLUMNS = ["folder", "stamp", *(field.name for field in fields(Entry)[1:])]


def entries(out: Path, say: Say | None = None) -> list[Entry]:
    """Every run below `out`, the newest first. Files are compared by size when a folder is first seen; `rebuild` reads them.

    Trouble with the catalogue itself is told to `say` in a sentence and does no harm.
    """
    whole.mend(out)
    return _ordered(_look(out, say or _silent))


def find(out: Path, asked: str, say: Say | None = None) -> Path:
    """The folder of a run that is named by its folder, by its case (then the newest of it) or by how its key begins.

    Raises CaseError where there is none or where several keys begin so.
    """
    for folder in (Path(asked), out / asked):
        if (folder / runs.MANIFEST).is_file():
            return folder
    found = entries(out, say)
    hits = [one for one in found if one.folder == asked] or [one for one in found if one.case == asked][:1]
    hits = hits or [one for one in found if asked and one.key.startswith(asked)]
    if len(hits) == 1:
        return out / hits[0].folder
    known = suggestion(asked, {name for one in found for name in (one.case, one.key, one.folder)}, f"runs below {out.as_posix()}")
    what, fix = ("is the beginning of several keys", f"Say more of it: {', '.join(one.key for one in hits)}") if hits else ("is no run", known)
    raise CaseError([Fault(Where("RUN"), asked, what, fix)], folder="the command")


def rebuild(out: Path, say: Say | None = None) -> list[Entry]:
    """Build the catalogue anew, every file of every run held against its hash."""
    whole.mend(out)
    found = {name: (stamp, entry(out / name, thorough=True)) for name, stamp in _stamps(out).items()}
    tell = say or _silent
    with _trouble(tell):
        index.delete(out / NAME)
        _write(out, found, {})
    return _ordered([one for _, one in found.values()])


def enter(folder: Path, say: Say | None = None) -> None:
    """Enter one run that was just kept."""
    with _trouble(say or _silent):
        _write(folder.parent, {folder.name: (_stamp(folder), entry(folder))}, {})


def turn(out: Path, say: Say | None = None) -> int:
    """Number of the next run below `out`."""
    return 1 + max((one.turn for one in entries(out, say)), default=0)


def entry(folder: Path, *, thorough: bool = False) -> Entry:
    """A run in a line, read from its folder."""
    try:
        found = runs.manifest(folder)
        faults = runs.damage(folder, thorough=thorough)
    except CaseError as error:
        found, faults = {}, list(error.faults)
    named = _RUN.fullmatch(folder.name)
    head, plan = _part(found, "headline"), _part(found, "plan")
    return Entry(
        folder.name,
        found.get("turn", 0),
        str(found.get("finished", "")),
        str(found.get("key") or (named[2] if named else "")),
        str(found.get("case") or head.get("case") or (named[1] if named else folder.name)),
        found.get("question") or head.get("question", ""),
        json.dumps(found.get("changes", {})),
        head.get("objective_usd"),
        head.get("money", ""),
        json.dumps(head.get("capex_by_year", {})),
        head.get("status", ""),
        plan.get("gap"),
        runs.size(found) or _size(folder),
        "; ".join(f"{Path(fault.where.file).name} {fault.problem}" for fault in faults),
    )


def _part(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = found.get(name)
    return part if isinstance(part, dict) else {}


def _size(folder: Path) -> int:
    """Bytes of a folder that lists no files; what another process removes meanwhile counts nothing."""
    try:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    except OSError:
        return 0


def _look(out: Path, say: Say) -> list[Entry]:
    if not (out / NAME).exists() and not _stamps(out):
        return []
    known: dict[str, tuple[str, Entry]] = {}
    serves = False
    with _trouble(say):
        known = _known(out, say)
        serves = True
    found = _stamps(out)  # after the catalogue: what is kept meanwhile is found and not struck out
    fresh = {name: (stamp, entry(out / name)) for name, stamp in found.items() if name not in known or known[name][0] != stamp}
    gone = {name: stamp for name, (stamp, _) in known.items() if name not in found}
    if serves and (fresh or gone):
        with _trouble(say):
            _write(out, fresh, gone)
    return [fresh[name][1] if name in fresh else known[name][1] for name in found]


def _ordered(found: Sequence[Entry]) -> list[Entry]:
    return sorted(found, key=lambda one: (one.turn, one.finished, one.folder), reverse=True)


def _stamps(out: Path) -> dict[str, str]:
    """Folders below `out` that hold runs, whole or damaged, and what tells whether one has been replaced."""
    if not out.is_dir():
        return {}
    folders = (path for path in sorted(out.iterdir()) if path.is_dir() and not path.name.startswith("."))
    return {path.name: _stamp(path) for path in folders if _is_run(path)}


def _is_run(folder: Path) -> bool:
    """Whether Barbell made a folder: others may have a ``manifest.json`` too, or such a name."""
    try:
        made = _RUN.fullmatch(folder.name) and next(folder.glob("*/*.parquet"), None)
        if made or not (folder / runs.MANIFEST).is_file():
            return bool(made)
        return {"key", "headline"} <= runs.manifest(folder).keys()
    except (OSError, CaseError):  # another process may remove it meanwhile
        return False


def _stamp(folder: Path) -> str:
    try:
        found = (folder / runs.MANIFEST).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


def _known(out: Path, say: Say) -> dict[str, tuple[str, Entry]]:
    """Stamp and entry of every folder that the catalogue knows; a damaged catalogue is deleted and knows none."""
    try:
        rows = index.load(out / NAME, _COLUMNS)
    except index.DamagedError:
        say(f"{(out / NAME).as_posix()} was damaged or of another version; it is built anew from the folders")
        index.delete(out / NAME)
        return {}
    return {name: (stamp, Entry(name, *cells)) for name, (_, stamp, *cells) in rows.items()}


def _write(out: Path, fresh: Mapping[str, tuple[str, Entry]], gone: Mapping[str, str]) -> None:
    rows = [(one.folder, stamp, *astuple(one)[1:]) for stamp, one in fresh.values()]
    index.save(out / NAME, _COLUMNS, rows, gone)


@contextmanager
def _trouble(say: Say) -> Iterator[None]:
    """Tell of a catalogue that does not serve, and go on without it."""
    try:
        yield
    except (sqlite3.Error, OSError, ValueError) as error:
        say(f"the catalogue of runs does not serve ({error}); the folders are read instead")


def _silent(_: str) -> Any:
    """Trouble that nobody wants to hear of."""
