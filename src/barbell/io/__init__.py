"""Case files in: YAML and CSV with line numbers, every fault at once; and what such files may say."""

from barbell.io.case import read
from barbell.io.reference import reference, schema, templates

__all__ = ["read", "reference", "schema", "templates"]
