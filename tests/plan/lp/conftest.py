"""Small random programs with a plan, drawn from a seed, and ways to write arrays by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from barbell.plan.lp import Axis, Program, Template


@pytest.fixture(scope="session")
def matrix() -> Callable[..., Template]:
    """A template of one stage from a dense matrix."""

    def build(rows, *, cost, lower=0.0, upper=np.inf, row_lower=-np.inf, row_upper=np.inf, integer=False) -> Template:
        dense = np.atleast_2d(np.asarray(rows, float))
        column = Axis("column", [str(n) for n in range(dense.shape[1])])
        row = Axis("row", [str(n) for n in range(dense.shape[0])])
        program = Program(1)
        x = program.variable("x", [column], cost=cost, lower=lower, upper=upper, integer=integer)
        block = program.rows("row", [row], lower=row_lower, upper=row_upper)
        i, j = np.nonzero(dense)
        block.add(dense[i, j], x[j], at=i)
        return program.freeze()

    return build


@pytest.fixture(scope="session")
def feasible(matrix) -> Callable[..., Template]:
    """A bounded program that holds a known point, with rows of every sense."""

    def build(seed: int, *, integers: bool = False) -> Template:
        rng = np.random.default_rng(seed)
        rows, columns = int(rng.integers(1, 9)), int(rng.integers(1, 12))
        dense = np.where(rng.random((rows, columns)) < 0.5, rng.normal(size=(rows, columns)).round(2), 0.0)
        lower = np.where(rng.random(columns) < 0.3, -5.0, 0.0)
        point = rng.integers(0, 5, columns).astype(float)
        activity, sense = dense @ point, rng.integers(0, 3, rows)
        return matrix(
            dense,
            cost=rng.normal(size=columns).round(2),
            lower=lower,
            upper=rng.integers(5, 9, columns),
            row_lower=np.where(sense == 0, activity - rng.random(rows), np.where(sense == 1, activity, -np.inf)),
            row_upper=np.where(sense == 2, activity + rng.random(rows), np.where(sense == 1, activity, np.inf)),
            integer=(rng.random(columns) < 0.5) & integers,
        )

    return build


@pytest.fixture(scope="session")
def dense() -> Callable[[Template], np.ndarray]:
    """The matrix of a template, term by term."""

    def build(template: Template) -> np.ndarray:
        table = np.zeros((len(template.row_lower), len(template.cost)))
        for row in range(len(template.row_lower)):
            for entry in range(template.start[row], template.start[row + 1]):
                table[row, template.index[entry]] += template.value[entry]
        return table

    return build
