"""Case files in: YAML and CSV with line numbers, every fault at once."""

from barbell.io.case import read

__all__ = ["read"]
