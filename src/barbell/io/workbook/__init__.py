"""A case as an Excel workbook and back: every cell's text as the files have it."""

from barbell.io.workbook.sheets import Notice
from barbell.io.workbook.take import Taken, taken
from barbell.io.workbook.write import Source, source, workbook

__all__ = ["Notice", "Source", "Taken", "source", "taken", "workbook"]
