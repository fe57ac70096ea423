"""The sourced numbers: a store of facts that knows what was known when, and the guards that watch over it."""

from barbell.facts.check import faults
from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.identity import Identity, identities
from barbell.facts.store import fact, figures, known, series, versions

__all__ = ["COLUMNS", "Figure", "Identity", "fact", "faults", "figures", "identities", "known", "series", "versions"]
