"""Every number on a page opens, and opens to itself."""

import json
import math
import re

import pytest

from barbell.report import query
from barbell.report.opens import TOP, Table, cells, chains, shown
from barbell.report.packed import unpacked
from barbell.report.page import html, sections
from barbell.report.source import source
from barbell.study import run
from barbell.study.chain import Node
from tests.conftest import ROOT
from tests.report import example

EXEMPT = {"a dash for nothing": lambda cell: cell.value == 0, "a blank for what is not there": lambda cell: not cell.text or math.isnan(cell.value)}
"""Kinds of number cells that need not open; sentences, axes, seconds and sizes of the program are no cells."""


def closed(made):
    """Number cells of a page that do not open and are of no exempt kind, with their spot."""
    found = sections(made)
    table = Table(made.book, chains(found))
    return [
        (figure.name, row[0].text, figure.grid.heads[n], cell.text)
        for section in found for figure in section.figures for row in figure.grid.rows for n, cell in enumerate(row)
        if cell.value is not None and table.number(cell.chain) is None and not any(kind(cell) for kind in EXEMPT.values())
    ]  # fmt: skip


def tied(made):
    """Cells that show another number than the one they open to, in any of the units in which a page shows it."""
    factor = query.worth(made).factor
    off = []
    for cell in cells(sections(made)):
        if shown(cell) and cell.value is not None:
            node = cell.chain if isinstance(cell.chain, Node) else made.book.find(cell.chain)
            ways = [node.value * size for size in (1, -1, factor, -factor, 100)]
            if not any(math.isclose(cell.value, way, rel_tol=1e-6, abs_tol=1e-9) for way in ways):
                off.append((node.address, cell.value, node.value))
    return off


@pytest.fixture(scope="module", params=["toy", "toy-tree", "neocloud"])
def made(request):
    return source(run(ROOT / "cases" / request.param))


def test_every_number_opens(made):
    assert closed(made) == []
    assert all(chain for _, _, _, chain in sections(made)[0].tiles)


def test_every_number_opens_to_itself(made):
    assert tied(made) == []


def test_a_cell_without_a_chain_is_found(made):
    """The test above would see a section that forgets to say what its numbers open to."""
    from dataclasses import replace

    found = sections(made)[-1].figures[0].grid
    bare = [replace(cell, chain="") for row in found.rows for cell in row if cell.value]
    assert bare and not any(shown(cell) for cell in bare)


def test_the_table_holds_each_number_once_with_the_largest_inputs_first(made):
    table = Table(made.book, chains(sections(made)))
    content = json.loads(table.json)
    addresses = [row[9] for row in content["nodes"]]
    assert len(addresses) == len(set(addresses)) and len(content["texts"]) == len(set(content["texts"]))
    for row in content["nodes"]:
        inputs = row[5]
        assert all(-1 <= one[2] < len(addresses) for one in inputs)
        if row[4] and content["texts"][row[3]].startswith("sum of"):
            amounts = [abs(one[1] * one[3]) for one in inputs]
            assert (len(inputs) <= TOP and amounts == sorted(amounts, reverse=True)) or not row[6]


def test_room_is_kept_and_cells_come_first(made):
    wanted = list(chains(sections(made)))
    small, whole = Table(made.book, wanted, room=0), Table(made.book, wanted)
    assert all(small.number(chain) is not None for chain in wanted if not isinstance(chain, str) or made.book.find(chain))
    assert len(small.json) <= len(whole.json)


def test_the_page_carries_the_table_and_the_buttons():
    made = source(run(ROOT / "cases" / "toy"))
    text = html(made)
    content = json.loads(unpacked(re.search(r'<script type="text/plain" id="nodes">(.*?)</script>', text)[1]))
    ids = {int(n) for n in re.findall(r'data-c="(\d+)"', text)}
    assert ids and max(ids) < len(content["nodes"]) and "<dialog id=" in text
    assert html(made) == text


def test_a_page_without_a_run_opens_nothing():
    text = html(example.source())
    assert "data-c=" not in text and "Every number opens" not in text
