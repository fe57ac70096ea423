"""Case files in: YAML and CSV with line numbers, every fault at once; and what such files may say."""

from barbell.io.case import read
from barbell.io.reference import reference, schema, templates
from barbell.io.series import figure, series

__all__ = ["figure", "read", "reference", "schema", "series", "templates"]
