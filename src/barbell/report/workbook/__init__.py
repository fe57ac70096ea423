"""The results of a run as a workbook: formulas that stay live, every input with its source, checks that must read nothing."""

from barbell.report.workbook.write import write

__all__ = ["write"]
