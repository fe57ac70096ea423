"""Chip, rack, cooling and power: facts in, rates, uses and costs out."""
