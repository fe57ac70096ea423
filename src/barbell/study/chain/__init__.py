"""Provenance: every number of a run down to its formula, its inputs, the cells of the case, the facts and their sources."""

from barbell.study.chain.book import MAKERS, TIE, Book
from barbell.study.chain.node import Input, Node, Proof, brief, recomputed
from barbell.study.chain.tree import Branch, opened

__all__ = ["MAKERS", "TIE", "Book", "Branch", "Input", "Node", "Proof", "brief", "opened", "recomputed"]
