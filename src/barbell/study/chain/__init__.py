"""Provenance: every number of a run down to its formula, its inputs, the cells of the case, the facts and their sources."""

from barbell.study.chain.book import TIE, Book
from barbell.study.chain.node import Input, Node, Proof, recomputed

__all__ = ["TIE", "Book", "Input", "Node", "Proof", "recomputed"]
