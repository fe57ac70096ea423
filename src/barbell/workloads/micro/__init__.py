"""Rows of micro-benchmarks: read, held against the data sheet, and against what chips usually reach."""

from barbell.workloads.micro.reading import Reading, is_micro, read
from barbell.workloads.micro.usual import Use, Usual, usual

__all__ = ["Reading", "Use", "Usual", "is_micro", "read", "usual"]
