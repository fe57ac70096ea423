"""Which tag of a company's filings is which series of the store, and which must never be taken for one."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from barbell.core.errors import FactError

Kind = Literal["flow", "average", "instant", "computed"]
"""flow: adds up over time, so that quarters come by subtraction; average: over a period, but adds up to nothing (shares, amounts per
share); instant: stands at a day; computed: sum or difference of two series of the table."""
_SUM = re.compile(r"(\S+) ([-+]) (\S+)")


@dataclass(frozen=True)
class Company:
    """Who files: number at the SEC, short name in the store, name, and the month in which the fiscal year ends."""

    cik: int
    entity: str
    company: str
    year_end: int


@dataclass(frozen=True)
class Mapping:
    """One line of the table: a tag and the series that it gives.

    `since` and `until` bound the period's last day where a definition changed; several tags of one series stand in the order in which
    they are trusted; `refused` says why the tag, though it looks like the series, is not it. A computed series has no tag: `terms` are
    its two series, the second with its sign.
    """

    entity: str
    taxonomy: str
    tag: str
    since: str
    until: str
    name: str
    segment: str
    metric: str
    basis: str
    kind: Kind
    unit: str
    refused: str

    @property
    def concept(self) -> str:
        """The tag with its taxonomy, as filings write it."""
        return f"{self.taxonomy}:{self.tag}"

    @property
    def terms(self) -> tuple[str, int, str]:
        """First series, sign, second series of a computed one; raises FactError for others."""
        found = _SUM.fullmatch(self.tag)
        if found is None or self.kind != "computed":
            raise FactError(f"tags.csv: '{self.tag}' is no sum of two series. Write 'first - second' and the kind computed")
        return found[1], 1 if found[2] == "+" else -1, found[3]

    def covers(self, end: date) -> bool:
        """Whether the definition holds for a period that ends on this day."""
        return (not self.since or self.since <= end.isoformat()) and (not self.until or end.isoformat() <= self.until)


@cache
def companies() -> dict[int, Company]:
    """Companies of the table by their number at the SEC."""
    rows = _rows("companies.csv")
    return {int(row["cik"]): Company(int(row["cik"]), row["entity"], row["company"], int(row["year_end"])) for row in rows}


@cache
def mappings() -> tuple[Mapping, ...]:
    """Every line of the table, in its order; raises FactError on a kind that there is not."""
    found = tuple(Mapping(**row) for row in _rows("tags.csv"))  # type: ignore[arg-type]
    for line in found:
        if line.kind not in get_args(Kind):
            raise FactError(f"tags.csv: '{line.kind}' is no kind. Write one of {', '.join(get_args(Kind))}")
    return found


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("barbell.facts") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
