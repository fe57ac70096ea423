"""A number of a run opened up: a tree down to the cells, facts and sources, for people and for machines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from barbell.report.layout import number, page
from barbell.study.chain.node import brief

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.study.chain import Book, Branch, Node

_STEP = "  "
Line = tuple[str, str, str, str]
"""Label, value, unit, and what is said of it."""


def explain(run: Path, cell: str, *, depth: int, top: int, machine: bool) -> None:
    """Open one number of a kept run, or without one say what can be asked."""
    from barbell.cli import record
    from barbell.study.chain import opened
    from barbell.study.chain.kept import book

    found = book(run)
    if not cell:
        _offer(found, run, machine=machine)
        return
    tree = opened(found, cell, depth=depth, top=top)
    if machine:
        record.emit(_record(tree))
    else:
        show(tree)


def show(tree: Branch) -> None:
    """Print a tree: values under each other, formulas between them, addresses and sources at the ends."""
    console = page()
    lines = list(_lines(tree, 0, ""))
    label = max(len(line[0]) for line in lines if line[1])
    value = max(len(line[1]) for line in lines)
    unit = max(len(line[2]) for line in lines if line[1])
    for text, amount, kind, said in lines:
        row = f"{text:<{label}}  {amount:>{value}} {kind:<{unit}}  {said}" if amount else f"{text}{said}"
        console.say(row.rstrip(), "" if amount else "dim")


def _lines(branch: Branch, depth: int, above: str) -> Iterator[Line]:
    """The lines of a number and of what is below it; `above` is the formula that reads it."""
    node, indent = branch.node, _STEP * depth
    sign = "- " if branch.times < 0 and above == "sum" else ""
    yield f"{indent}{sign}{branch.name if depth else node.what}", _amount(node), _unit(node), _end(branch, depth)
    for text in _told(branch):
        yield f"{indent}{_STEP}", "", "", text
    for below in branch.below:
        yield from _lines(below, depth + 1, node.formula)
    if branch.more:
        yield f"{indent}{_STEP}and {branch.more:,} more{'' if math.isnan(branch.together) else ', together'}", *_rest(branch)


def _amount(node: Node) -> str:
    if math.isfinite(node.value):
        return number(node.value)
    return "over time" if node.text or node.inputs else "none"


def _rest(branch: Branch) -> tuple[str, str, str]:
    """Sum and unit of what is left out; nothing where it has no sum."""
    return ("", "", "") if math.isnan(branch.together) else (number(branch.together), _unit(branch.node), "")


def _unit(node: Node) -> str:
    return "" if node.unit == "1" else node.unit


def _end(branch: Branch, depth: int) -> str:
    """What stands behind a value: its grade and range, its spot in the files, or where to open it further."""
    node, said = branch.node, []
    if node.proof:
        said.append(f"grade {node.proof.grade}" if node.proof.grade else "")
        said.append(f"range {brief(node.proof.low)} to {brief(node.proof.high)}" if node.proof.low or node.proof.high else "")
    if node.where:
        said.append(f"{node.where}{f' reads {node.text}' if node.text else ''}")
    if not depth or branch.cut or branch.again or not branch.below:
        said.append(f"[{node.address}]{' (see above)' if branch.again else ''}")
    return "  ".join(text for text in said if text)


def _told(branch: Branch) -> Iterator[str]:
    """Lines below a value: its formula or reason, its source, what speaks against it."""
    node = branch.node
    if branch.again:
        return
    told = {"as written in the case", "calendar of the case", *(one.name for one in node.inputs if node.where)}
    if node.words and node.words not in told:
        yield f"= {node.words}" if node.formula or (node.proof and node.proof.derived) else node.words
    if node.proof and not node.proof.derived:
        yield f"source: {node.proof.source}{f', known since {node.proof.as_of}' if node.proof.as_of else ''}"
        if node.proof.url:
            yield f"        {node.proof.url}"
    if node.proof and node.proof.against:
        yield f"others say: {node.proof.against}"


def _record(branch: Branch) -> Record:
    """A tree as nested objects; numbers left out of a long sum are counted."""
    node = branch.node
    return {
        "name": branch.name,
        "times": branch.times,
        "address": node.address,
        "what": node.what,
        "value": node.value,
        "unit": node.unit,
        "formula": node.words,
        "computed": bool(node.formula),
        "where": node.where,
        "text": node.text,
        "fact": asdict(node.proof) if node.proof else None,
        "inputs": [_record(below) for below in branch.below],
        "more": {"count": branch.more, "together": branch.together} if branch.more else None,
        "opened_elsewhere": branch.again,
        "rests_on_more": branch.cut,
    }


def _offer(book: Book, run: Path, *, machine: bool) -> None:
    """What can be asked of a run: its headline, and one example of each kind."""
    from barbell.cli import record
    from barbell.study.chain import MAKERS

    seen: dict[str, str] = {}
    for name in book.names:
        head, _, time = name.partition("/")
        kind = "cell" if "." in head else "fact" if name.startswith("@") else head if head in MAKERS else f"a line, {len(time)}"
        if kind not in seen and kind not in ("years", "lines") and book.node(name).value:
            seen[kind] = name
    if machine:
        record.emit({"run": run.as_posix(), "examples": list(seen.values()), "numbers": len(book.names)})
        return
    console = page()
    console.say(f"{len(book.names):,} numbers of {book.case.name} can be opened: barbell explain {run.as_posix()} ADDRESS")
    console.print("One of each kind:")
    for name in seen.values():
        console.say(f"  {name}")
