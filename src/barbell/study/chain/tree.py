"""A number opened to some depth: as a tree, the largest contributions first, the small ones counted together."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from barbell.study.chain.book import Book
from barbell.study.chain.node import SUM, Input, Node


@dataclass(frozen=True)
class Branch:
    """A number below another: under what `name` its formula reads it, with what factor (`times`), and what it rests on in turn.

    `more` and `together` count what is left out of a long sum (what a derived fact rests on has no sum); `again` marks a number that is
    opened elsewhere in the tree; `cut` one that rests on more than the depth asked for shows.
    """

    name: str
    times: float
    node: Node
    below: tuple[Branch, ...] = ()
    more: int = 0
    together: float = 0.0
    again: bool = False
    cut: bool = False


def opened(book: Book, address: str, *, depth: int = 3, top: int = 8) -> Branch:
    """The tree of a number: `depth` levels of inputs, the `top` largest of each sum; every number on the way is checked.

    Raises CaseError for an unknown address, and LedgerError where a number does not come out of its inputs.
    """
    node = book.node(address)
    tree = _branch(book, Input("", node.address), depth, top, set())
    return replace(tree, node=replace(tree.node, address=node.address, what=node.what))


def _passed(book: Book, node: Node) -> Node:
    """The number that another only passes on, as a group passes on its only entity; each on the way is checked."""
    while node.formula == SUM and len(node.inputs) == 1 and node.inputs[0].times == 1 and not (node.where or node.address.startswith("price")):
        book.check(node)
        below = book.node(node.inputs[0].address)
        if below.where or below.proof:
            break
        node = below
    return node


def _branch(book: Book, one: Input, depth: int, top: int, seen: set[str]) -> Branch:
    node = _passed(book, book.node(one.address))
    if node.address in seen and node.inputs:
        return Branch(one.name, one.times, node, again=True)
    seen.add(node.address)
    if not depth:
        return Branch(one.name, one.times, node, cut=bool(node.inputs))
    book.check(node)
    pairs = list(zip(node.inputs, book.inputs(node), strict=True))
    if node.formula == SUM and len(pairs) > top:
        pairs.sort(key=lambda pair: -abs(pair[0].times * pair[1].value))
    kept, rest = (pairs[:top], pairs[top:]) if node.formula in (SUM, "") else (pairs, [])
    if len(rest) == 1:
        kept, rest = pairs, []
    below = tuple(_branch(book, child, depth - 1, top, seen) for child, _ in kept)
    together = math.fsum(child.times * found.value for child, found in rest) if node.formula == SUM else math.nan
    return Branch(one.name, one.times, node, below, len(rest), together)
