"""One number of a run: its value, and the formula over its inputs by which it can be worked out again."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

SUM, PRODUCT = "sum", "product"
NAMED = 8
"""Inputs of a sum that its formula names one by one; more are counted."""


@dataclass(frozen=True)
class Input:
    """An input of a formula: its name there, its address, and what it counts: its factor in a sum, its power in a product."""

    name: str
    address: str
    times: float = 1.0


@dataclass(frozen=True)
class Proof:
    """What stands behind a fact: its grade, range and unit as text, the day from which it was known, title and address of the source, and what
    other sources say."""

    value: str
    unit: str
    low: str
    high: str
    grade: str
    as_of: str
    source: str
    url: str = ""
    against: str = ""
    derived: bool = False


@dataclass(frozen=True)
class Node:
    """A number and how it comes about.

    `formula` is ``sum``, ``product`` or an expression over the names of the inputs; empty where nothing is computed, and then `said` tells
    why the number is what it is. A cell of the case has its spot in the files (`where`) and its `text` there, a fact its `proof`.
    """

    address: str
    what: str
    value: float
    unit: str
    formula: str = ""
    inputs: tuple[Input, ...] = ()
    said: str = ""
    where: str = ""
    text: str = ""
    proof: Proof | None = field(default=None, compare=False)

    @property
    def words(self) -> str:
        """The formula as a person reads it."""
        if self.said or not self.formula:
            return self.said
        if self.formula == SUM:
            return _sum(self.inputs)
        if self.formula == PRODUCT:
            return _product(self.inputs)
        return re.sub(r"_", " ", self.formula.replace("**", "^").replace("*", "×"))


def brief(text: str) -> str:
    """A number or a value over time as a reader wants it: five digits, and of many steps the first, their count and the last."""
    steps = text.split()
    shown = [re.sub(r"-?[0-9]+\.?[0-9]*(?:e[-+]?[0-9]+)?$", lambda number: f"{float(number[0]):.5g}", step) for step in steps]
    return " ".join(shown) if len(steps) <= 3 else f"{shown[0]} .. {shown[-1]} ({len(steps)} steps)"


def recomputed(node: Node, values: Sequence[float]) -> float:
    """The value that the formula gives for values of the inputs, in their order. Raises ValueError for a node without a formula."""
    if not node.formula:
        raise ValueError(f"{node.address} has no formula")
    if node.formula == SUM:
        return math.fsum(one.times * value for one, value in zip(node.inputs, values, strict=True))
    if node.formula == PRODUCT:
        return float(math.prod(value**one.times for one, value in zip(node.inputs, values, strict=True)))
    names = {one.name: value for one, value in zip(node.inputs, values, strict=True)}
    return _worked(_parsed(node.formula), names)


def weights(node: Node, values: Sequence[float]) -> list[float]:
    """What each input brings to a sum, in its sign; elsewhere the values themselves."""
    return [one.times * value if node.formula == SUM else value for one, value in zip(node.inputs, values, strict=True)]


_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
}  # fmt: skip


@lru_cache(maxsize=64)
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _worked(part: ast.expr, names: Mapping[str, float]) -> float:
    """Value of an expression of numbers, names, + - * / ** and max."""
    if isinstance(part, ast.Constant):
        return float(str(part.value))
    if isinstance(part, ast.Name):
        return names[part.id]
    if isinstance(part, ast.BinOp):
        return float(_BINARY[type(part.op)](_worked(part.left, names), _worked(part.right, names)))
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == "max":
        return max(_worked(one, names) for one in part.args)
    raise ValueError(f"'{ast.unparse(part)}' is no part of a formula")


def _sum(inputs: Sequence[Input]) -> str:
    if len(inputs) > NAMED:
        return f"sum of {len(inputs)}"
    told = "".join(f" {'-' if one.times < 0 else '+'} {_times(abs(one.times))}{one.name}" for one in inputs)
    return told.removeprefix(" + ").strip()


def _times(times: float) -> str:
    return "" if times == 1 else f"{times:,.0f} × " if times >= 1e5 else f"{times:.6g} × "


def _product(inputs: Sequence[Input]) -> str:
    told = "".join(f" {'/' if one.times < 0 else '×'} {one.name}" for one in inputs)
    return told.removeprefix(" × ").strip()
