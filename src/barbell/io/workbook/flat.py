"""The settings of a case, flat: ``horizon.start`` and its text, from a `case.yaml` and back into one."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from barbell.core.errors import LedgerError
from barbell.io.settings import plain
from barbell.io.yaml import Node, parsed

_KEPT_EMPTY = ("units", "set")
"""Where an empty value says something: a unit of a new kind, a cell to empty."""


_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def flat(text: str) -> dict[str, str]:
    """Text of each setting by its path, in the order of the file; empty when the file is no YAML of ours."""
    found: dict[str, str] = {}
    for key, node in (parsed(text, label="", faults=[]) or {}).items():
        if isinstance(node.value, dict):
            found.update((f"{key}.{inner}", plain(value) or "") for inner, value in node.value.items())
        else:
            found[key] = plain(node) or ""
    return telling(found)


def telling(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that say something."""
    return {path: text for path, text in settings.items() if text or path.partition(".")[0] in _KEPT_EMPTY}


def nodes(rows: Mapping[str, tuple[str, int]]) -> dict[str, Node]:
    """The mapping that texts and lines by path stand for, as reading a file would give it."""
    groups: dict[str, dict[str, Node]] = {}
    found: dict[str, Node] = {}
    for path, (text, line) in rows.items():
        top, dot, inner = path.partition(".")
        if dot:
            groups.setdefault(top, {})[inner] = Node(text, line)
            found[top] = Node(groups[top], line)
        else:
            found[top] = Node(text, line)
    return found


def relined(text: str, lines: Mapping[str, int]) -> dict[str, Node]:
    """The mapping of a file that was just made, with other lines by path."""
    found: dict[str, Node] = {}
    for key, node in (parsed(text, label="", faults=[]) or {}).items():
        if isinstance(node.value, dict):
            inner = {name: Node(value.value, lines.get(f"{key}.{name}", 0)) for name, value in node.value.items()}
            found[key] = Node(inner, min((value.line for value in inner.values()), default=0))
        else:
            found[key] = Node(node.value, lines.get(key, 0))
    return found


def clash(path: str, paths: Iterable[str]) -> str:
    """Why a setting cannot have this path beside the others; empty when it can."""
    if path in ("horizon", "risk", "units", "set"):
        return f"'{path}' is a group of settings and has no value"
    top = path.partition(".")[0]
    return f"'{top}' is both a value and a group of settings" if path != top and top in paths else ""


def rewritten(original: str | None, wanted: Mapping[str, str]) -> tuple[str, bool]:
    """A `case.yaml` that says what is `wanted`, and whether its comments are those of the original.

    An original that says so already stays as it is; otherwise its values are replaced where they stand; where that does not come out
    right, the file is written anew, without comments.
    """
    wanted = telling(wanted)
    if original is not None:
        if flat(original) == wanted:
            return original, True
        patched = _patched(original, wanted)
        if patched is not None and flat(patched) == wanted:
            return patched, True
    fresh = _fresh(wanted)
    if flat(fresh) != wanted:
        raise LedgerError("the settings of the workbook cannot be written as YAML and read again")
    return fresh, original is None or "#" not in original


def _patched(original: str, wanted: Mapping[str, str]) -> str | None:
    """The original with its values replaced and its comments kept; None where the file resists."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()  # keeps comments, order and quotes
    yaml.preserve_quotes, yaml.width = True, 4096
    try:
        top = yaml.load(original)
        _replace(top, flat(original), wanted)
        out = io.StringIO()
        yaml.dump(top, out)
    except (YAMLError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return out.getvalue()


def _replace(top: Any, old: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for path in [path for path in old if path not in wanted]:
        key, _, inner = path.partition(".")
        if inner:
            del top[key][inner]
        else:
            del top[key]
    for path, text in wanted.items():
        if old.get(path) == text:
            continue
        key, _, inner = path.partition(".")
        if not inner:
            top[key] = text
        elif key in top and top[key] is not None:
            top[key][inner] = text
        else:
            top[key] = {inner: text}


def _fresh(wanted: Mapping[str, str]) -> str:
    lines: list[str] = []
    groups = dict.fromkeys(path.partition(".")[0] for path in wanted)
    for top in groups:
        inner = {path.partition(".")[2]: text for path, text in wanted.items() if path.startswith(f"{top}.")}
        if top in wanted:
            lines.append(f"{top}: {_scalar(wanted[top])}")
        else:
            lines.append(f"{top}:")
            lines += [f"  {_scalar(name)}: {_scalar(text)}" for name, text in inner.items()]
    return "\n".join([*lines, ""])


def _scalar(text: str) -> str:
    """A value as YAML writes it: plain where that reads the same, else in double quotes."""
    try:
        simple = "\n" not in text and bool(text) and flat(f"x: {text}\n") == {"x": text}
    except ValueError:
        simple = False
    return text if simple else _UNPRINTED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))
