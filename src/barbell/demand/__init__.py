"""Who wants how much at what price: curves, growth and backlog from facts."""

from barbell.demand.derive import MARKETS, derive

__all__ = ["MARKETS", "derive"]
