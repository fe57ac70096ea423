"""Plans in whole blocks: rounding the relaxation, and moving blocks by their prices."""

from barbell.plan.whole.chain import Chain, chain
from barbell.plan.whole.search import Search

__all__ = ["Chain", "Search", "chain"]
