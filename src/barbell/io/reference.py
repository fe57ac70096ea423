"""Templates, JSON schema and reference page, all made from the tables' own field docstrings and units."""

from __future__ import annotations

from typing import Any

from barbell.core.case import TABLES
from barbell.core.row import Ref, Row
from barbell.io.cell import Kind, kind_of


def templates() -> dict[str, str]:
    """An empty CSV file for every table, with units in the header and help above it: ``{file name: text}``."""
    return {f"{name}.csv": _template(model) for name, model in TABLES.items()}


def _template(model: type[Row]) -> str:
    help_lines = [f"# {model.table}: {_words(model.__doc__)}"]
    help_lines += [f"# {field}: {_words(info.description)}{_default(model, field)}" for field, info in model.model_fields.items()]
    return "\n".join([*help_lines, ",".join(_header(model, field) for field in model.model_fields)]) + "\n"


def _header(model: type[Row], field: str) -> str:
    """A column head; units that hang on other rows are left to the cells."""
    unit = kind_of(model, field).unit
    return field if unit in (None, "1") or "{" in str(unit) else f"{field} [{unit}]"


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _default(model: type[Row], field: str) -> str:
    info = model.model_fields[field]
    if info.is_required():
        return " Required."
    return f" Default: {info.default}." if info.default not in ("", None) else ""


def schema() -> dict[str, Any]:
    """JSON schema of the tables of a case, rows as objects; numbers stand in the units of `reference`."""
    rows = {name: {"type": "array", "items": model.model_json_schema()} for name, model in TABLES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tables of a Barbell case",
        "type": "object",
        "properties": rows,
        "additionalProperties": False,
    }


def reference() -> str:
    """The reference page of all tables, in Markdown."""
    parts = ["# Tables of a case\n", "Made from the code by `barbell.io.reference`; do not edit.\n"]
    return "\n".join([*parts, *(_section(name, model) for name, model in TABLES.items())])


def _section(name: str, model: type[Row]) -> str:
    lines = [
        f"## {name}\n",
        f"{_words(model.__doc__)} Key: {', '.join(model.key)}.\n",
        "| field | holds | unit | meaning |",
        "|---|---|---|---|",
    ]
    for field, info in model.model_fields.items():
        kind = kind_of(model, field)
        unit = f"`{kind.unit}`" if kind.unit else ""
        lines.append(f"| {field} | {_holds(model, field, kind)} | {unit} | {_words(info.description)}{_default(model, field)} |")
    return "\n".join(lines) + "\n"


def _holds(model: type[Row], field: str, kind: Kind) -> str:
    if kind.words:
        return ", ".join(word or "(empty)" for word in kind.words)
    target = next((mark.table for mark in model.model_fields[field].metadata if isinstance(mark, Ref)), "")
    return f"row of {target}" if target else {"path": "number over time", "count": "whole number"}.get(kind.sort, kind.sort)


if __name__ == "__main__":
    print(reference(), end="")
