"""What a workbook changed, cell by cell, whatever moved between files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from barbell.io.tables import CASE_FILE
from barbell.io.workbook.flat import flat
from barbell.io.workbook.lines import original


class Change(NamedTuple):
    """A cell that is not what it was: its path (``assets.hall.capex``, ``case.as_of``), and its texts, empty where there was or is none."""

    path: str
    before: str
    after: str


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The cells that differ between the files of two cases, in the order of the first, then what is new.

    A header's unit belongs to its cells: 12 under MW is ``12 MW``.
    """
    old, new = dict(_cells(before)), dict(_cells(after))
    return tuple(Change(path, old.get(path, ""), new.get(path, "")) for path in {**old, **new} if old.get(path) != new.get(path))


def _cells(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in files.items():
        if path == CASE_FILE:
            yield from ((f"case.{name}", value) for name, value in flat(text).items())
            continue
        table = PurePosixPath(path).stem
        found = original(table, text)
        units = dict(found.columns) if found else {}
        for key, texts in found.texts.items() if found else ():
            yield from ((f"{table}.{key}.{name}", _with_unit(value, units.get(name, ""))) for name, value in texts.items())


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit and " " not in text and not text.startswith(("@", "-@")) else text
