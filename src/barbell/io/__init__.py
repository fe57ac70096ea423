"""Case files in: YAML and CSV with file and line in every message; templates, schema and reference out."""

from barbell.io.case import read
from barbell.io.reference import reference, schema, templates

__all__ = ["read", "reference", "schema", "templates"]
