"""Barbell."""
