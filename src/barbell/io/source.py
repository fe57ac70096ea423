"""Files as text with line numbers: YAML mappings and CSV rows, before anything is understood."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from barbell.core.errors import Fault, Where

LARGEST = 100_000_000
"""Bytes of the largest file that is read."""


@dataclass(frozen=True)
class Text:
    """A scalar as it stands in a file."""

    value: str
    where: Where


@dataclass(frozen=True)
class Tree:
    """A mapping with the spot of each key."""

    entries: dict[str, Text | Tree | list[Any]]
    spots: dict[str, Where]


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its header and rows, each row with its line."""

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]]


def read_text(path: FilePath, shown: str, faults: list[Fault]) -> str | None:
    """UTF-8 text of a file, without a byte order mark; None (and a fault) if it is none."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.append(Fault(Where(shown), "", f"cannot be read ({error.strerror})", "Check the name and the permissions"))
        return None
    if len(raw) > LARGEST:
        faults.append(Fault(Where(shown), "", f"is larger than {LARGEST // 1_000_000} MB", "Split the table into several files"))
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        byte = f"byte 0x{raw[error.start]:02x}"
        faults.append(Fault(Where(shown, line), byte, "is not UTF-8 (Latin-1 or UTF-16?)", "Save the file as UTF-8"))
        return None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        faults.append(Fault(Where(shown, line), "NUL", "is not text", "Save the file as plain UTF-8 text"))
        return None
    return text


def read_yaml(path: FilePath, shown: str, faults: list[Fault]) -> Tree:
    """The top mapping of a YAML file; aliases, duplicate keys and anything but plain mappings, lists and scalars are faults."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    empty = Tree({}, {})
    text = read_text(path, shown, faults)
    if text is None:
        return empty
    try:
        yaml = YAML(typ="safe", pure=True)
        for event in yaml.parse(text):
            if getattr(event, "anchor", None):
                spot = Where(shown, event.start_mark.line + 1)
                faults.append(Fault(spot, f"&{event.anchor}", "anchors and aliases are not read", "Write the value out, or use `base:`"))
                return empty
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        faults.append(Fault(Where(shown, line), "", f"is not YAML: {error.problem}", "Mend the line; indent with spaces, quote text with : or #"))
        return empty
    except YAMLError as error:
        faults.append(Fault(Where(shown), "", f"is not YAML: {str(error).splitlines()[0]}", "Mend the file"))
        return empty
    if node is None:
        faults.append(Fault(Where(shown), "", "is empty", "Give at least `money`, `as_of` and `horizon`"))
        return empty
    found = _node(node, shown, faults)
    if isinstance(found, Tree):
        return found
    faults.append(Fault(Where(shown, 1), "", "is not a mapping of `key: value`", "See docs/guide/case-files.md"))
    return empty


def _node(node: Any, shown: str, faults: list[Fault]) -> Text | Tree | list[Any]:
    if node.id == "scalar":
        return Text(node.value, Where(shown, node.start_mark.line + 1))
    if node.id == "sequence":
        return [_node(item, shown, faults) for item in node.value]
    entries: dict[str, Text | Tree | list[Any]] = {}
    spots: dict[str, Where] = {}
    for key, value in node.value:
        where = Where(shown, key.start_mark.line + 1)
        if key.id != "scalar":
            faults.append(Fault(where, "", "a key must be plain text", "Write `key: value`"))
        elif key.value in entries:
            first = spots[key.value].line
            faults.append(Fault(where, key.value, f"stands twice (first in line {first})", "Keep one of the two"))
        else:
            entries[key.value], spots[key.value] = _node(value, shown, faults), where
    return Tree(entries, spots)


def read_csv(path: FilePath, shown: str, faults: list[Fault]) -> Sheet | None:
    """Header and rows of a CSV file; None (and faults) if it has none."""
    text = read_text(path, shown, faults)
    if text is None:
        return None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        lines.extend((reader.line_num, [cell.strip() for cell in row]) for row in reader if _counts(row))
    except csv.Error as error:
        faults.append(Fault(Where(shown, reader.line_num), "", f"is not CSV: {error}", "Close the quotes; double a quote inside quotes"))
        return None
    if not lines:
        faults.append(Fault(Where(shown), "", "is empty", "Give a header line, or delete the file"))
        return None
    header = lines[0][1]
    rows = []
    for line, row in lines[1:]:
        if len(row) > len(header):
            extra = row[len(header)]
            faults.append(Fault(Where(shown, line), extra, f"{len(row)} cells under {len(header)} headers", "Quote a cell with commas, or drop it"))
        else:
            rows.append((line, row + [""] * (len(header) - len(row))))
    return Sheet(shown, header, rows)


def _counts(row: list[str]) -> bool:
    """Whether a line is a header or a row: not empty and not a comment."""
    return any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#")
