"""What a case may say, written from the fields themselves: CSV templates, a JSON schema, a page of reference.

Nothing here names a table or a field, so a new one is described as soon as it exists.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from typing import Any

from barbell.core.case import TABLES
from barbell.core.column import Column, columns
from barbell.core.path import Path
from barbell.core.row import Row
from barbell.io.settings import KEYS

_VAST = 1e12  # bounds beyond it only keep slips of the pen out; no reader needs to see them


def templates() -> dict[str, str]:
    """File name -> text of an empty CSV table: what it means as comments, then the header with units."""
    return {f"{table}.csv": _template(table, row) for table, row in TABLES.items()}


def _template(table: str, row: type[Row]) -> str:
    lines = [f"# {table}: {meaning(row)}", f"# One row for each {' and '.join(row.key)}."]
    lines += [f"# {_header(column)}: {column.help} ({nature(column)})" for column in columns(row).values()]
    return "\n".join([*lines, ",".join(_header(column) for column in columns(row).values()), ""])


def _header(column: Column) -> str:
    return f"{column.name} [{column.unit}]" if column.labelled else column.name


def meaning(row: type[Row]) -> str:
    """What a table is, in one sentence or two."""
    return " ".join((inspect.getdoc(row) or "").split())


def nature(column: Column) -> str:
    """Kind, bounds and default of a column in words."""
    kinds = {
        "text": "text",
        "date": "month",
        "flag": "true or false",
        "whole": "whole number",
        "number": "number",
        "path": "number or path over time",
        "choice": "one of " + ", ".join(choice for choice in column.choices if choice),
    }
    kind = f"a name in {column.ref}" if column.ref else kinds[column.kind]
    default = "required" if column.required else f"default {shown}" if (shown := _default(column)) else "may be empty"
    return "; ".join(part for part in (kind, _bounds(column), default) if part)


def _default(column: Column) -> str:
    value = column.default
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, int | float) else str(value or "")


def _bounds(column: Column) -> str:
    low, high = column.range.low, column.range.high
    if low <= -_VAST and high >= _VAST:
        return ""
    return f"at least {low:g}" if high >= _VAST else f"{low:g} to {high:g}"


def schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a case: the keys of ``case.yaml``, and under `$defs` a row of each table as its cells are written."""
    properties: dict[str, Any] = {}
    for key, told in KEYS.items():
        top, _, inner = key.partition(".")
        if inner:
            group = properties.setdefault(top, {"type": "object", "additionalProperties": False, "properties": {}})
            group["properties"][inner] = {"type": ["string", "number", "array"], "description": told}
        elif top in ("units", "set"):
            words = {"type": ["string", "number", "boolean", "null"]}
            properties[top] = {"type": "object", "description": told, "additionalProperties": words}
        else:
            properties[top] = {"type": "string", "description": told}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Barbell case",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {table: _row_schema(row) for table, row in TABLES.items()},
    }


def _row_schema(row: type[Row]) -> dict[str, Any]:
    found = columns(row)
    return {
        "type": "object",
        "description": meaning(row),
        "additionalProperties": False,
        "required": [column.name for column in found.values() if column.required],
        "properties": {name: _cell_schema(column) for name, column in found.items()},
        "x-key": list(row.key),
    }


def _cell_schema(column: Column) -> dict[str, Any]:
    types: dict[str, Any] = {"flag": "boolean", "text": "string", "date": "string", "choice": "string"}
    made: dict[str, Any] = {"type": types.get(column.kind, ["number", "string"]), "description": column.help}
    if column.kind == "choice":
        made["enum"] = list(column.choices)
    if column.kind == "date":
        made["pattern"] = "^([0-9]{4}(-[0-9]{2}|Q[1-4]|H[12])?)?$"
    if column.unit:
        # bounds count in the canonical unit, a cell may count in another one: they are told, not enforced
        made |= {"x-unit": column.unit, **{f"x-{end}": bound for end, bound in _ends(column) if math.isfinite(bound)}}
    if column.ref:
        made["x-table"] = column.ref
    if not column.required and column.default is not None:
        made["default"] = str(column.default) if isinstance(column.default, Path) else column.default
    return made


def _ends(column: Column) -> Iterator[tuple[str, float]]:
    yield "minimum", column.range.low
    yield "maximum", column.range.high


def reference() -> str:
    """A page in Markdown: every key of ``case.yaml`` and every field of every table."""
    lines = [
        "# Tables of a case",
        "",
        "Written by `barbell.io.reference()` from the fields; do not edit. Files, cells, units: [case files](../guide/case-files.md).",
        "",
        "## case.yaml",
        "",
        "| key | meaning |",
        "|---|---|",
        *(f"| `{key}` | {_escaped(told)} |" for key, told in KEYS.items()),
    ]
    for table, row in TABLES.items():
        lines += ["", *_section(table, row)]
    return "\n".join([*lines, ""])


def _section(table: str, row: type[Row]) -> Iterator[str]:
    yield from (f"## {table}", "", meaning(row), "", f"Key: {', '.join(f'`{name}`' for name in row.key)}.", "")
    yield from ("| field | unit | cell | meaning |", "|---|---|---|---|")
    for column in columns(row).values():
        unit = f"`{column.unit}`" if column.unit not in ("", "1") else ""
        yield f"| `{column.name}` | {unit} | {_escaped(nature(column))} | {_escaped(column.help)} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
