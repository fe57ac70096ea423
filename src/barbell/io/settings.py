"""Settings: the keys of `case.yaml`, each with its line, and the chain of cases that it is based on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from barbell.core.errors import Fault, Where
from barbell.core.spelling import suggestion
from barbell.io.overrides import Override
from barbell.io.raw import Raw
from barbell.io.tables import CASE_FILE, tables
from barbell.io.text import read_text
from barbell.io.yaml import Node, parsed

KEYS: Mapping[str, str] = {
    "name": "Name of the case; default: the folder's name.",
    "question": "What the plan has to answer, in one sentence.",
    "base": "Folder of another case to start from: rows with a known key replace its rows, the others are added.",
    "money": "Unit that all money counts in: prefix, currency and year, such as MUSD2026.",
    "as_of": "Day of the case, YYYY-MM-DD; facts known later do not exist.",
    "horizon.start": "First month: 2026, 2026H1, 2026Q1 or 2026-01.",
    "horizon.periods": "Lengths: `8 x quarter`, or a list such as [8 x quarter, 2 x year]; month, quarter, half, year or `7 months`.",
    "horizon.report_end": "First month that reports no longer show; default: the end.",
    "blocks": "Orders of assets with a block: `whole` (until the end of what is reported; default), `divisible`, or a month: whole before it.",
    "risk.weight": "Weight of the worst futures in the value, 0 to 1.",
    "risk.tail": "Share of futures that count as the worst, above 0 to 1.",
    "units": "Units of your own by name: a multiple such as `16 * chip`, or an empty text for a new kind of thing.",
    "set": "Overrides, `table.key.field: value`, applied after all tables are read; `*1.2` multiplies.",
}
"""Every setting with its meaning."""

OVERRIDABLE = ("question", "as_of", "horizon.start", "horizon.periods", "horizon.report_end", "blocks", "risk.weight", "risk.tail")
"""Settings that overrides may change."""

_TOPS = {key.partition(".")[0] for key in KEYS}
_MAPPINGS = {"horizon", "risk", "units", "set"}


@dataclass(frozen=True)
class Setting:
    """Text of a setting and where it stands."""

    text: str
    where: Where


@dataclass
class Layer:
    """One case folder of the chain: its settings, overrides and rows."""

    folder: Path
    settings: dict[str, Setting] = field(default_factory=dict)
    units: dict[str, Setting] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    raw: Raw = field(default_factory=Raw)
    readable: bool = True


def layers(path: Path, faults: list[Fault], top: Layer | None = None) -> list[Layer]:
    """The case at `path` with everything it is based on, the deepest base first; empty when there is no case file at all.

    `top` stands for the case itself where its content does not come from its folder.
    """
    folder = path.parent if path.name == CASE_FILE else path
    chain: list[Layer] = []
    visited: list[Path] = []
    following, asked = folder, Where(str(path))
    while True:
        label = _label(following, folder)
        if following.resolve() in visited:
            circle = " -> ".join([*(_label(seen, folder) for seen in visited), label])
            faults.append(Fault(asked, label, f"the bases go in a circle: {circle}", "Let one of them stand without base"))
            break
        given = top if not chain else None
        if given is None and not (following / CASE_FILE).is_file():
            fix = "Name a folder that holds a case.yaml" if following.exists() else "Check the path; a case is a folder with a case.yaml"
            problem = f"there is no {CASE_FILE}" if following.exists() else "there is no such folder"
            faults.append(Fault(asked, str(path) if not chain else label, problem, fix))
            break
        visited.append(following.resolve())
        chain.append(given or _layer(following, folder, faults))
        base = chain[-1].settings.get("base")
        if base is None or not base.text:
            break
        following, asked = following / base.text, base.where
        if given is not None:  # its folder need not be there yet
            following = Path(os.path.normpath(following))
    return chain[::-1]


def _label(folder: Path, top: Path) -> str:
    return Path(os.path.relpath(folder.resolve(), top.resolve())).as_posix()


def _layer(folder: Path, top: Path, faults: list[Fault]) -> Layer:
    layer = Layer(folder, raw=tables(folder, top=top, faults=faults))
    label = Path(os.path.relpath(folder / CASE_FILE, top)).as_posix()
    text = read_text(folder / CASE_FILE, label=label, faults=faults)
    found = parsed(text, label=label, faults=faults) if text is not None else None
    layer.readable = found is not None
    settle(layer, found or {}, label=label, faults=faults)
    return layer


def settle(layer: Layer, found: Mapping[str, Node], *, label: str, faults: list[Fault]) -> None:
    """Put the keys of a case file into a layer."""
    for key, node in found.items():
        where = Where(label, node.line, key)
        if key not in _TOPS:
            faults.append(Fault(where, key, "unknown key", suggestion(key, _TOPS)))
        elif (key in _MAPPINGS) != (node.kind == "mapping") and node.value:
            due = "indented `key: value` lines" if key in _MAPPINGS else "one value"
            faults.append(Fault(where, "", f"a {node.kind} where {due} belong", f"See the guide on case files under `{key}`"))
        else:
            _take(layer, key, node, where, faults)


def _take(layer: Layer, key: str, node: Node, where: Where, faults: list[Fault]) -> None:
    if not isinstance(node.value, dict):
        if key not in _MAPPINGS:
            layer.settings[key] = Setting(str(node.value), where)
        return
    for inner, value in node.value.items():
        spot = Where(where.file, value.line, f"{key}.{inner}")
        text = plain(value)
        if key in ("horizon", "risk") and f"{key}.{inner}" not in KEYS:
            known = [name.partition(".")[2] for name in KEYS if name.startswith(f"{key}.")]
            faults.append(Fault(spot, inner, f"unknown key of `{key}`", suggestion(inner, known)))
        elif text is None:
            faults.append(Fault(spot, "", f"a {value.kind} where one value belongs", "Write the value behind the colon"))
        elif key == "units":
            layer.units[inner] = Setting(text, spot)
        elif key == "set":
            layer.overrides.append(Override(inner, text, spot))
        else:
            layer.settings[f"{key}.{inner}"] = Setting(text, spot)


def plain(node: Node) -> str | None:
    """Text of a value, the parts of a list joined by commas; None for what is neither text nor a list of texts."""
    if isinstance(node.value, str):
        return node.value
    if isinstance(node.value, dict) or any(part.kind != "text" for part in node.value):
        return None
    return ", ".join(str(part.value) for part in node.value)
