"""Numbers that open: addresses of what a cell shows, numbers that a page works out itself, and the table of all of them for the page."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from barbell.core.case import Case
from barbell.report.figure import Cell, Chain, Section
from barbell.report.query import root
from barbell.report.source import Source
from barbell.study.chain import Book, Input, Node, brief, recomputed
from barbell.study.chain.ground import slug

ROOM = 1_250_000
"""Characters that the table may take, before it is packed to about a fifth; what is further away is opened by `barbell explain`."""
TOP = 6
"""Inputs shown of a long sum."""
Terms = Sequence[tuple[str, str, float]]
"""Name, address and factor of each input."""


def line(case: Case, name: str, time: object, entity: str = "", kind: str = "years") -> str:
    """Address of a line of the statements: of the group, or of an entity on its own."""
    top = root(case)
    owner = entity if entity and entity != top else top
    return f"{kind}/{owner}/{slug(name)}/{time}"


def made(source: Source, what: str, terms: Terms, formula: str = "sum", unit: str = "") -> Chain:
    """A number that the page works out itself from numbers of the run; it opens to nothing where one of them is not there."""
    if source.book is None:
        return ""
    found = [source.book.find(address) for _, address, _ in terms]
    there = [node for node in found if node is not None]
    if len(there) < len(found) or not there:
        return ""
    inputs = tuple(Input(name, address, times) for name, address, times in terms)
    node = Node(f"page/{slug(what)}", what, 0.0, unit or there[0].unit, formula, inputs)
    try:
        value = recomputed(node, [one.value for one in there])
    except ZeroDivisionError:
        return ""
    return Node(node.address, what, value, node.unit, formula, inputs)


def cells(sections: Iterable[Section]) -> Iterator[Cell]:
    """Every cell of every table."""
    for section in sections:
        for figure in section.figures:
            for row in figure.grid.rows:
                yield from row


def chains(sections: Sequence[Section]) -> Iterator[Chain]:
    """Everything on a page that opens, tiles first."""
    for section in sections:
        yield from (chain for _, _, _, chain in section.tiles if chain)
    yield from (cell.chain for cell in cells(sections) if shown(cell))


def shown(cell: Cell) -> bool:
    """Whether a cell opens: it has a chain and shows something; a dash for nothing does not."""
    return bool(cell.chain and cell.text and cell.value != 0)


class Table:
    """The numbers of a page and what they rest on, each once, level by level until the room is used up."""

    def __init__(self, book: Book | None, wanted: Iterable[Chain], room: int = ROOM) -> None:
        self._book = book
        self._number: dict[str, int] = {}
        self._alias: dict[str, str] = {}
        self._rows: list[list[Any]] = []
        self._text: dict[str, int] = {}
        if book is not None:
            self._fill(book, list(dict.fromkeys(wanted)), room)

    def number(self, chain: Chain) -> int | None:
        """Number of what opens in the table; None where it is not there."""
        spelt = chain.address if isinstance(chain, Node) else chain
        return self._number.get(self._alias.get(spelt, spelt))

    @property
    def filled(self) -> bool:
        """Whether anything opens."""
        return bool(self._rows)

    @property
    def json(self) -> str:
        """The table as JSON: ``nodes`` as rows, ``texts`` that they share by number.

        A row: title, value, unit, formula or reason, whether it is computed, inputs (name, factor, row or -1, value, unit), how many more
        and their sum, spot in the files, text there, address, and of a fact grade, low, high, known since, source, address of the source,
        what others say.
        """
        return json.dumps({"nodes": self._rows, "texts": list(self._text)}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def _fill(self, book: Book, wanted: list[Chain], room: int) -> None:
        """Level by level from the cells down; what the cells show is always there."""
        level: list[Node] = []
        for chain in wanted:
            node = chain if isinstance(chain, Node) else book.find(chain)
            if node is not None:
                self._alias[chain.address if isinstance(chain, Node) else chain] = node.address
                level.append(node)
        kept: list[Node] = []
        used, first = 0, True
        while level:
            fresh: list[Node] = []
            for node in level:
                if node.address not in self._number and (first or used < room):
                    self._number[node.address] = len(kept)
                    kept.append(node)
                    used += _size(node)
                    fresh += [child for _, child in self._inputs(book, node)[:TOP]]
            level, first = [node for node in fresh if node.address not in self._number], False
        self._rows = [self._row(book, node) for node in kept]

    def _inputs(self, book: Book, node: Node) -> list[tuple[Input, Node]]:
        """Inputs, the largest contributions of a long sum first."""
        pairs = list(zip(node.inputs, book.inputs(node), strict=True))
        if len(pairs) > TOP and node.formula == "sum":
            pairs.sort(key=lambda pair: -abs(pair[0].times * pair[1].value))
        return pairs

    def _row(self, book: Book, node: Node) -> list[Any]:
        pairs = self._inputs(book, node)
        shown, rest = (pairs[:TOP], pairs[TOP:]) if node.formula in ("sum", "") else (pairs, [])
        proof = node.proof
        together = _rounded(math.fsum(one.times * child.value for one, child in rest)) if node.formula == "sum" else None
        row: list[Any] = [
            node.what, _value(node), self._told(node.unit), self._told(node.words), int(bool(node.formula)),
            [[self._told(one.name), _rounded(one.times), self._number.get(child.address, -1), _value(child), self._told(child.unit)]
             for one, child in shown],
            [len(rest), together] if rest else 0, self._told(node.where), node.text, node.address,
        ]  # fmt: skip
        if proof:
            row.append([proof.grade, brief(proof.low), brief(proof.high), proof.as_of, self._told(proof.source), proof.url, proof.against])
        return row

    def _told(self, text: str) -> int:
        """Number of a text, so that each stands in the page once."""
        return self._text.setdefault(text, len(self._text))


def _value(node: Node) -> float | str:
    """The number, rounded to what a reader may want; the text of a value over time."""
    return _rounded(node.value) if math.isfinite(node.value) else brief(node.text) if ":" in node.text else ""


def _rounded(value: float) -> float:
    return float(f"{value:.7g}")


def _size(node: Node) -> int:
    """About how many characters a row takes."""
    said = 0 if node.proof is None else len(node.proof.against) + len(node.proof.url) + 60
    return len(node.what) + len(node.address) + len(node.text) + said + 50 + 32 * min(len(node.inputs), TOP)
