"""How far orders reach: what one more unit ordered does to what stands, is paid and is held against limits.

The equations name the fleet, the spending of programmes, running sums and stocks as columns of their own. Here they are put
back in terms of the decisions that move them: with the rows that define them, ``D d + E x = g``, any sum ``F d + G x`` is
``F D^-1 g + (G - F D^-1 E) x``. D has ones on its diagonal and looks back in time only, so its inverse is a short product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from barbell.core.clock import Floats
from barbell.plan.lp import Template

if TYPE_CHECKING:
    import scipy.sparse as sp

Ints = NDArray[np.intp]
Numbers = NDArray[np.intp] | NDArray[np.int32]

DEFINED = {"fleet": "fleet", "spend": "spend", "stock": "level"}
"""Rows that define columns, and the columns that they define; running sums have one name for both."""


@dataclass(frozen=True)
class Reach:
    """Sums over rows as ``constant + coefficients x``: of all rows of a path's template, with defined columns put in.

    `coefficients` is sparse (rows, columns) and nil in defined columns; `constant` (rows,) is what cohorts and openings give.
    `defined` lists the defined columns, which are ``given + moved x`` (their number,) and (their number, columns).
    """

    constant: Floats
    coefficients: sp.csr_array
    defined: Ints
    given: Floats
    moved: sp.csr_array


def reach(template: Template) -> Reach:
    """Put the defined columns of one path in terms of its decisions."""
    import scipy.sparse as sp

    every = matrix(template)
    shape = every.shape
    rows, columns = (np.concatenate([np.zeros(0, int), *part]) for part in zip(*_pairs(template), strict=True))
    rest = np.ones(shape[1], bool)
    rest[columns] = False
    free = sp.diags_array(rest.astype(float)).tocsr()
    inverse = _inverse(every[rows][:, columns])
    given = inverse @ template.row_lower[rows]
    moved = -(inverse @ (every[rows] @ free))
    inner = every[:, columns]
    return Reach(inner @ given, sp.csr_array(every @ free + inner @ moved), columns, given, sp.csr_array(moved))


def matrix(template: Template) -> sp.csr_array:
    """(rows, columns) coefficients of a template."""
    import scipy.sparse as sp

    return sp.csr_array((template.value, template.index, template.start), shape=(len(template.row_lower), len(template.cost)))


def gather(row: Numbers, column: Numbers, value: Floats, shape: tuple[int, int]) -> sp.csr_array:
    """A sparse matrix of entries; where one is given twice, the two add up."""
    import scipy.sparse as sp

    return sp.csr_array((value, (row, column)), shape=shape)


def _pairs(template: Template) -> Iterator[tuple[Ints, Ints]]:
    """Defining rows and the columns that they define, position by position."""
    names = DEFINED | {name: name for name in template.rows if name.startswith("running ")}
    for row, column in names.items():
        index = template.rows[row].index.reshape(-1)
        there = index >= 0
        yield index[there].astype(np.intp), template.columns[column].index.reshape(-1)[there].astype(np.intp)


def _inverse(square: sp.csr_array) -> sp.csr_array:
    """Inverse of ones on the diagonal less a nilpotent part N: (1 + N)(1 + N^2)(1 + N^4)..."""
    import scipy.sparse as sp

    one = sp.eye_array(square.shape[0], format="csr")
    power = _nonzero(one - square)
    inverse = one + power
    while power.nnz:
        power = _nonzero(power @ power)
        inverse = inverse + inverse @ power
    return inverse


def _nonzero(power: sp.csr_array) -> sp.csr_array:
    power.eliminate_zeros()
    return power
