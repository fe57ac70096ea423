"""Blocks of rows and columns become the arrays that were meant."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.plan.lp import Axis, Program, Tree, tile

A, T = Axis("a", ("x", "y")), Axis("t", ("1", "2", "3"), (0, 1, 2))


def dense(template):
    matrix = np.zeros((len(template.row_lower), len(template.cost)))
    for row in range(len(matrix)):
        for k in range(template.start[row], template.start[row + 1]):
            matrix[row, template.index[k]] += template.value[k]
    return matrix


def test_repeated_terms_add_up_and_absent_ones_drop_out():
    program = Program(1)
    x = program.variable("x", (A,), where=[True, False])
    rows = program.rows("r", (A,), equal=1.0)
    rows.add(2.0, x[0], at=0).add(3.0, x[0], at=0).add(7.0, x[1], at=1)
    assert dense(program.freeze()).tolist() == [[5.0], [0.0]]


def test_rows_may_not_look_ahead():
    program = Program(3)
    x = program.variable("x", (T,))
    program.rows("r", (T,), equal=0.0).add(1.0, x[1:], at=np.s_[:-1])
    with pytest.raises(ValueError, match="later stage"):
        program.freeze()


def test_coefficients_are_finite_and_blocks_have_one_name():
    program = Program(1)
    x = program.variable("x", (A,))
    with pytest.raises(ValueError, match="not finite"):
        program.rows("r", (A,), equal=0.0).add(np.nan, x)
    with pytest.raises(ValueError, match="exists already"):
        program.variable("x", (A,))


def test_text_reads_like_algebra():
    program = Program(3)
    x = program.variable("x", (T,))
    program.rows("keep", (T,), upper=4.0).add(1.0, x).add(-0.5, x[:-1], at=np.s_[1:])
    assert program.freeze().text("keep").splitlines()[1] == "keep[2]: -0.5 x[1] +1 x[2] <= 4"


def chain(seed, stages):
    """A random problem whose rows speak of their own and earlier stages."""
    rng = np.random.default_rng(seed)
    axis = Axis("t", tuple(str(s) for s in range(stages)), tuple(range(stages)))
    program = Program(stages)
    x = program.variable("x", (A, axis), upper=rng.uniform(1, 5, (2, stages)), cost=rng.normal(size=(2, stages)))
    rows = program.rows("r", (axis,), upper=rng.uniform(0, 4, stages))
    rows.add(rng.normal(size=(2, stages)), x)
    rows.add(rng.normal(size=stages - 1), x[0, :-1], at=np.s_[1:])
    return program.freeze()


@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 3))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_tiled_tree_is_the_loop_written_one(seed, stages, width):
    """Every node's rows, written one by one from the template with the columns of the node's own ancestors."""
    template = chain(seed, stages)
    stage, parent, chance = [0], [-1], [1.0]
    for s in range(1, stages):
        for p in [n for n, t in enumerate(stage) if t == s - 1]:
            for _ in range(width):
                stage.append(s), parent.append(p), chance.append(chance[p] / width)
    tree = Tree(np.array(stage), np.array(parent), np.array(chance))
    problem = tile(tree, template)
    full, small = dense(problem.arrays), dense(template)
    where, count = {}, 0
    for node, s in enumerate(stage):
        for column in range(template.column_start[s], template.column_start[s + 1]):
            where[node, column] = count
            assert problem.arrays.cost[count] == pytest.approx(template.cost[column] * chance[node])
            count += 1
    row = 0
    for node, s in enumerate(stage):
        line = [node]
        while parent[line[-1]] >= 0:
            line.append(parent[line[-1]])
        at = {stage[n]: n for n in line}
        for r in range(template.row_start[s], template.row_start[s + 1]):
            expected = np.zeros(count)
            for column in np.flatnonzero(small[r]):
                owner = int(np.searchsorted(template.column_start, column, side="right") - 1)
                expected[where[at[owner], column]] += small[r, column]
            assert full[row] == pytest.approx(expected)
            row += 1


def test_templates_of_other_shape_are_refused():
    with pytest.raises(ValueError, match="same columns and rows"):
        tile(Tree.path(2), [chain(0, 2), chain(0, 3)])
