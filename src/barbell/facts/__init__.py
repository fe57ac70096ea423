"""The sourced numbers: a store of facts that knows what was known when, and the guards that watch over it."""

from barbell.facts.backing import Backing, backed, backing
from barbell.facts.check import faults
from barbell.facts.conflicts import conflicts
from barbell.facts.figure import COLUMNS, Figure
from barbell.facts.find import find
from barbell.facts.history import Change, diff
from barbell.facts.identity import identities
from barbell.facts.mutation import Mutations, mutations
from barbell.facts.resolve import Conflict, resolve
from barbell.facts.store import fact, figures, known, resolved, series, versions
from barbell.facts.tie import Identity

__all__ = [
    "COLUMNS",
    "Backing",
    "Change",
    "Conflict",
    "Figure",
    "Identity",
    "Mutations",
    "backed",
    "backing",
    "conflicts",
    "diff",
    "fact",
    "faults",
    "figures",
    "find",
    "identities",
    "known",
    "mutations",
    "resolve",
    "resolved",
    "series",
    "versions",
]
