"""Chip, rack, cooling and power: facts in, rates, uses and costs out."""

from barbell.physics.derive import derive, gaps

__all__ = ["derive", "gaps"]
