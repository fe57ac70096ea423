"""The facts that the cells of a workbook name: what each says, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from barbell.core.basis import Known
from barbell.core.relations import Fact
from barbell.io.cells import fact_in
from barbell.io.facts import Resolver
from barbell.io.raw import Raw

HEADS = ("fact", "value", "low", "high", "unit", "grade", "known from", "source", "address", "used in")
"""Columns of the sheet of known facts."""
_ADDRESS = re.compile(r",? ?(https?://\S+)$")
_GRADES = {"A": "primary", "B": "cross-checked", "C": "single secondary", "D": "unverified", "M": "own measurement", "S": "own assumption"}
_SHOWN = 12


@dataclass
class Cited:
    """Facts by name as of the day of a case, those of its own before those that are known anyway; `cells` gathers who uses them."""

    raw: Raw
    as_of: str
    resolve: Resolver
    cells: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def known(self) -> Known:
        """Facts beyond the case's own."""
        return self.resolve(self.as_of)

    @cached_property
    def own(self) -> Mapping[str, Mapping[str, str]]:
        """Texts of the case's own facts by name, each in its latest version that the day of the case sees."""
        rows = [row.texts for row in self.raw.tables["facts"].values() if row.texts.get("as_of", "9999") <= self.as_of]
        return {row.get("name", ""): row for row in sorted(rows, key=lambda row: row.get("as_of", ""))}

    def told(self, text: str) -> Mapping[str, str] | None:
        """What the fact says that a cell names, by field; None where it names none that is known."""
        name = fact_in(text)
        if not name:
            return None
        if name in self.own:
            return self.own[name]
        found = self.known.get(name)
        return {key: str(value) for key, value in found.model_dump().items()} if isinstance(found, Fact) else None

    def note(self, text: str, cell: str) -> str:
        """The note beside a cell that names a fact; empty where there is nothing to say."""
        fact = self.told(text)
        if fact is None:
            return ""
        self.cells.setdefault(fact_in(text), []).append(cell)
        source, address = parted(fact.get("source", ""))
        spread = f"\nrange {fact['low']} to {fact['high']}" if fact.get("low") or fact.get("high") else ""
        grade = fact.get("grade", "")
        where = f"\n{address}" if address else ""
        return (
            f"{text} = {fact['value']} {fact['unit']}{spread}\ngrade {grade}: {_GRADES.get(grade, '')}, known from {fact['as_of']}\n{source}{where}"
        )

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Rows of the sheet of known facts, by name."""
        for name in sorted(self.cells):
            fact, cells = self.told(f"@{name}") or {}, self.cells[name]
            used = ", ".join(cells[:_SHOWN]) + (f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else "")
            source, address = parted(fact.get("source", ""))
            yield (name, *(fact.get(key, "") for key in ("value", "low", "high", "unit", "grade", "as_of")), source, address, used)


def parted(source: str) -> tuple[str, str]:
    """Title of a source and its address, where it has one."""
    found = _ADDRESS.search(source)
    return (source[: found.start()], found[1]) if found else (source, "")
