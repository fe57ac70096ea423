"""What stands behind the figures: a page with an address, a filing named, or neither."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from barbell.facts.figure import Figure
from barbell.facts.store import figures

_FILING = re.compile(r"\bForms? (10-K|10-Q|8-K)s?\b|\bearnings release\b|\bEDGAR\b|\bSEC company facts\b|\bFCC\b")

FITTED = "fit of barbell"
"""How the source of a number begins that Barbell fitted to measurements; these are cited there."""


@dataclass(frozen=True)
class Backing:
    """How many figures rest on what: `address` on a page, `filing` on a filing that is named without one, `assumed` on our own word (grade S
    without either, and what Barbell fitted itself), `bare` on less: a title, a site without a page, memory."""

    address: int
    filing: int
    assumed: int
    bare: int

    @property
    def share(self) -> float:
        """Share with an address or filing of all that has a source outside ourselves; own assumptions can have none and are left out."""
        backed = self.address + self.filing
        return backed / (backed + self.bare)

    @property
    def share_of_all(self) -> float:
        """Share with an address or filing of every row, own assumptions included."""
        return (self.address + self.filing) / (self.address + self.filing + self.assumed + self.bare)


def backing(figure: Figure) -> str:
    """``address``, ``filing``, ``assumed`` or ``bare``; an address is one of a page, the name of a site alone is none."""
    parts = urlsplit(figure.url)
    if parts.scheme in ("http", "https") and (parts.path.strip("/") or parts.query):
        return "address"
    if _FILING.search(figure.source):
        return "filing"
    return "assumed" if figure.grade == "S" or figure.source.startswith(FITTED) else "bare"


def backed(rows: Iterable[Figure] | None = None) -> Backing:
    """Counts over the figures (those of the store, without `rows`)."""
    kinds = [backing(figure) for figure in (figures() if rows is None else rows)]
    return Backing(**{kind: kinds.count(kind) for kind in ("address", "filing", "assumed", "bare")})
