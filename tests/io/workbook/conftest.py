"""The small case as a workbook, once for all tests."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from openpyxl import Workbook, load_workbook

from barbell.io.workbook import source, workbook
from tests.io.conftest import GOOD, Files
from tests.io.workbook.damage import NAME, damaged


def written(folder: Path, known=lambda _: {}, file: str = NAME) -> bytes:
    """The workbook of the case in a folder."""
    return workbook(source(folder), known, file=file, version="test")


@cache
def small() -> bytes:
    """The workbook of the small case, only what its cells say: what they look like takes an editor most of its time."""
    with TemporaryDirectory() as place:
        files = Files(Path(place) / "small")
        for name, text in GOOD.items():
            files.write(name, text)
        full = load_workbook(io.BytesIO(written(files.folder)))
    plain = Workbook()
    plain.remove(plain.active)
    for sheet in full.worksheets:
        copy = plain.create_sheet(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            copy.append(row)
    out = io.BytesIO()
    plain.save(out)
    return out.getvalue()


@cache
def small_book() -> Workbook:
    """The same, opened; to look at."""
    return load_workbook(io.BytesIO(small()))


@pytest.fixture
def spoilt(tmp_path):
    """A way to get the small workbook with damage done to it."""

    def make(steps: str) -> Path:
        file = tmp_path / NAME
        file.write_bytes(damaged(small(), steps) if steps else small())
        return file

    return make
