"""A case as an Excel workbook and back: every cell's text as the files have it."""

from barbell.io.workbook.take import Taken, taken

__all__ = ["Taken", "taken"]
