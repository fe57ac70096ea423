"""The small case as a workbook, once for all tests; notes are left out, because editing them takes most of the time."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from openpyxl import load_workbook

from barbell.io.workbook import source, workbook
from tests.io.conftest import GOOD, Files
from tests.io.workbook.damage import NAME, damaged


def written(folder: Path, known=lambda _: {}, file: str = NAME) -> bytes:
    """The workbook of the case in a folder."""
    return workbook(source(folder), known, file=file, version="test")


@cache
def small() -> bytes:
    """The workbook of the small case, without notes."""
    with TemporaryDirectory() as place:
        files = Files(Path(place) / "small")
        for name, text in GOOD.items():
            files.write(name, text)
        book = load_workbook(io.BytesIO(written(files.folder)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=1 if sheet.title != "assets" else None):
            for cell in row:
                cell.comment = None
        sheet.data_validations.dataValidation = []
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def spoilt(tmp_path):
    """A way to get the small workbook with damage done to it."""

    def make(steps: str) -> Path:
        file = tmp_path / NAME
        file.write_bytes(damaged(small(), steps) if steps else small())
        return file

    return make
