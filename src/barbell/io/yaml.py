"""YAML with line numbers, the plain part of it only: mappings, lists and words.

Every scalar stays the text that stands in the file: `no` is no boolean and a date is no date until the field says so.
Anchors and aliases are refused, because ten lines of them can stand for a billion values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from barbell.core.errors import Fault, Where

_DEEPEST = 6
_NO_TEXT = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Node:
    """A value of the file with its line: text, a list or a mapping."""

    value: str | tuple[Node, ...] | dict[str, Node]
    line: int

    @property
    def kind(self) -> str:
        """``text``, ``list`` or ``mapping``."""
        return "text" if isinstance(self.value, str) else "list" if isinstance(self.value, tuple) else "mapping"


class _YamlError(Exception):
    def __init__(self, line: int, value: str, problem: str, fix: str) -> None:
        self.line, self.value, self.problem, self.fix = line, value, problem, fix
        super().__init__(problem)


def parsed(text: str, *, label: str, faults: list[Fault]) -> dict[str, Node] | None:
    """The top mapping of a file; None, and a fault, when it has none."""
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            faults.append(Fault(Where(label, number), "", "a tab at the beginning of the line", "Indent with spaces"))
            return None
    try:
        top = _Builder(label, faults).document(_events(text))
    except _YamlError as error:
        faults.append(Fault(Where(label, error.line), error.value, error.problem, error.fix))
        return None
    if isinstance(top.value, dict):
        return top.value
    faults.append(Fault(Where(label, top.line), "", f"a {top.kind} where `key: value` lines are due", "Write lines such as `money: MUSD2026`"))
    return None


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise _YamlError(line, "", f"not YAML: {error.problem}", "Check indentation, colons and quotes in this line and the one above") from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise _YamlError(0, "", f"not YAML: {type(error).__name__}", "Check indentation, colons and quotes") from None


class _Builder:
    """Builds nodes from events, so that keys met twice are seen and nothing is resolved behind the reader's back."""

    def __init__(self, label: str, faults: list[Fault]) -> None:
        self.label, self.faults = label, faults

    def document(self, events: Iterator[Any]) -> Node:
        top: Node | None = None
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent" and top is not None:
                raise _YamlError(event.start_mark.line + 1, "---", "a second document", "Keep one document in the file")
            if kind in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent", "AliasEvent"):
                top = self.node(event, events, depth=0)
        if top is None:
            raise _YamlError(1, "", "the file holds nothing", "Write lines such as `money: MUSD2026`")
        return top

    def node(self, event: Any, events: Iterator[Any], *, depth: int) -> Node:
        line, kind = event.start_mark.line + 1, type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None:
            mark = f"*{event.anchor}" if kind == "AliasEvent" else f"&{event.anchor}"
            raise _YamlError(line, mark, "anchors and aliases are not read", 'Write the value itself; quote a factor, such as "*1.2"')
        if event.tag is not None and event.tag != "!":
            raise _YamlError(line, str(event.tag), "tags are not read", "Write the plain value")
        if depth > _DEEPEST:
            raise _YamlError(line, "", f"nested more than {_DEEPEST} deep", "A case needs two levels at most")
        if kind == "ScalarEvent":
            if odd := _NO_TEXT.search(event.value):  # quoted escapes can name them, and no file could be written with them
                raise _YamlError(line, "", f"a sign that stands in no text (U+{ord(odd[0]):04X})", "Write the sign itself instead of its number")
            return Node(event.value.strip(), line)
        if kind == "SequenceStartEvent":
            return Node(tuple(self.items(events, depth=depth)), line)
        return Node(self.mapping(events, depth=depth), line)

    def items(self, events: Iterator[Any], *, depth: int) -> Iterator[Node]:
        for event in events:
            if type(event).__name__ == "SequenceEndEvent":
                return
            yield self.node(event, events, depth=depth + 1)

    def mapping(self, events: Iterator[Any], *, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for event in events:
            if type(event).__name__ == "MappingEndEvent":
                break
            key = self.node(event, events, depth=depth + 1)
            if not isinstance(key.value, str):
                raise _YamlError(key.line, "", f"a {key.kind} as a key", "Keys are words")
            value = self.node(next(events), events, depth=depth + 1)
            if key.value in found:
                problem = f"the key stands in line {found[key.value].line} already"
                self.faults.append(Fault(Where(self.label, key.line, key.value), "", problem, "Keep one of the two"))
            found[key.value] = Node(value.value, key.line)
        return found
