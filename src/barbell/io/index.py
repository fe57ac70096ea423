"""An index in SQLite that something else can always make anew: rows by name, each sealed, so that a damaged one is seen."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY = 3.0
"""Seconds to wait for another process that writes."""

Row = tuple[Any, ...]
_PASSING = (
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT,
)  # fmt: skip
"""Troubles of the moment, which say nothing about the content."""
_SIDES = ("-journal", "-wal", "-shm", "")
"""What belongs to the file; the journal goes first, for it would be played into a new one."""


class DamagedError(Exception):
    """The file is no index of these columns, or a row is not as it was written."""


def load(file: Path, columns: Sequence[str]) -> dict[str, Row]:
    """Rows by the text of their first column; none where there is no file.

    Raises DamagedError where it has to be made anew, sqlite3.Error where it cannot be read now.
    """
    if not file.is_file():
        return {}
    try:
        with _opened(file) as index:
            if _ask(index, "SELECT count(*) FROM sqlite_master") == 0:  # its maker was killed before it wrote
                return {}
            sound = _ask(index, "PRAGMA quick_check") == "ok" and _ask(index, "PRAGMA user_version") == _form(columns)
            rows = index.execute("SELECT * FROM rows").fetchall() if sound else []
    except (sqlite3.Error, ValueError) as error:  # even the words of its errors may be spoilt
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _PASSING:
            raise
        raise DamagedError(str(error)) from error
    if not sound or any(seal != _seal(row) for *row, seal in rows):
        raise DamagedError("not as it was written")
    return {row[0]: tuple(row) for *row, _ in rows}


def save(file: Path, columns: Sequence[str], fresh: Iterable[Row], gone: Mapping[str, Any]) -> None:
    """Put rows in, and strike out those of a name that still have the given second column. Raises sqlite3.Error or ValueError."""
    with _opened(file) as index:
        index.execute("BEGIN IMMEDIATE")
        if _ask(index, "PRAGMA user_version") != _form(columns):
            index.execute("DROP TABLE IF EXISTS rows")
        names = ", ".join(f"[{name}]" for name in columns)
        index.execute(f"CREATE TABLE IF NOT EXISTS rows ({names}, seal, PRIMARY KEY ([{columns[0]}]))")
        index.execute(f"PRAGMA user_version = {_form(columns)}")
        index.executemany(f"DELETE FROM rows WHERE [{columns[0]}] = ? AND [{columns[1]}] = ?", list(gone.items()))  # noqa: S608  our own names
        marks = ", ".join("?" * (len(columns) + 1))
        index.executemany(f"INSERT OR REPLACE INTO rows VALUES ({marks})", [(*row, _seal(row)) for row in fresh])  # noqa: S608
        index.execute("COMMIT")


def delete(file: Path) -> None:
    """Delete the file and what SQLite keeps beside it. Raises OSError."""
    for side in _SIDES:
        file.with_name(file.name + side).unlink(missing_ok=True)


def _form(columns: Sequence[str]) -> int:
    return zlib.crc32("\n".join(columns).encode()) & 0x7FFFFFFF


def _seal(row: Sequence[Any]) -> int:
    return zlib.crc32(repr(tuple(row)).encode(errors="surrogatepass"))


def _ask(index: sqlite3.Connection, question: str) -> Any:
    return index.execute(question).fetchone()[0]


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    index = sqlite3.connect(file, timeout=BUSY, isolation_level=None)
    try:
        index.execute("PRAGMA synchronous = OFF")  # a lost supply may damage it, which is seen and mended; a kill cannot
        yield index
    finally:
        index.close()
