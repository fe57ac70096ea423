"""Writing a program: terms broadcast, add up and drop out; what cannot be meant is refused."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.plan.lp import Axis, Program

ITEM = Axis("item", ["a", "b", "c"])
TIME = Axis("time", ["t0", "t1"], (0, 1))


def test_a_balance_reads_like_its_formula():
    program = Program(2)
    x = program.variable("x", [ITEM, TIME], where=np.array([True, False, True])[:, None])
    s = program.variable("s", [TIME])
    balance = program.rows("balance", [TIME], equal=[1.0, 2.0])
    balance.add(np.array([1.0, 5.0, 2.0])[:, None], x, at=None).add(-1.0, s).add(1.0, s[:1], at=np.s_[1:])
    assert program.freeze().text("balance") == (
        "balance[t0]: +1 x[a, t0] +2 x[c, t0] -1 s[t0] = 1\nbalance[t1]: +1 s[t0] +1 x[a, t1] +2 x[c, t1] -1 s[t1] = 2\n"
    )


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 3), st.integers(-5, 5)), max_size=40),
    st.integers(1, 4),
)
def test_terms_add_up_in_any_grouping_and_the_absent_drop_out(terms, pieces):
    program = Program(1)
    x = program.variable("x", [Axis("column", list("wxyz"))])
    rows = program.rows("row", [ITEM])
    expected = np.zeros((3, 4))
    for row, column, value in terms:
        if column >= 0:
            expected[row, column] += value
    for part in range(pieces):
        row, column, value = np.array(terms[part::pieces], int).reshape(-1, 3).T
        rows.add(value, np.where(column >= 0, x[column], -1), at=row)
    template = program.freeze()
    found = np.zeros((3, 4))
    found[np.repeat(np.arange(3), np.diff(template.start)), template.index] = template.value
    assert np.array_equal(found, expected)
    pairs = {(row, column) for row, column, _ in terms if column >= 0}
    assert len(template.value) == len(pairs)  # repeated pairs are one entry; zeros keep theirs


def test_entries_finds_coefficients_and_says_when_there_is_none():
    program = Program(1)
    x = program.variable("x", [ITEM])
    rows = program.rows("row", [ITEM])
    rows.add([1.0, 0.0, 3.0], x)
    template = program.freeze()
    assert template.value[template.entries(rows.index, x.index)].tolist() == [1.0, 0.0, 3.0]
    with pytest.raises(KeyError, match="1 pairs"):
        template.entries(rows.index[:1], x.index[1:2])


def test_columns_and_rows_are_sorted_by_stage_and_keep_their_names():
    program = Program(2)
    x = program.variable("x", [ITEM, TIME], cost=np.arange(6).reshape(3, 2))
    program.rows("row", [TIME]).add(1.0, x[0])
    template = program.freeze()
    assert template.column_start.tolist() == [0, 3, 6]
    assert template.row_start.tolist() == [0, 1, 2]
    assert template.cost.tolist() == [0, 2, 4, 1, 3, 5]
    assert dict(template.columns["x"].names())[4] == "x[b, t1]"


def test_a_row_that_looks_ahead_is_refused_by_name():
    program = Program(2)
    x = program.variable("x", [TIME])
    program.rows("row", [TIME]).add(1.0, x[1:], at=np.s_[:1])
    with pytest.raises(ValueError, match=r"row\[t0\] speaks of x\[t1\]"):
        program.freeze()


@pytest.mark.parametrize("coefficient", [np.nan, np.inf, -np.inf])
def test_coefficients_must_be_finite(coefficient):
    program = Program(1)
    x = program.variable("x", [ITEM])
    with pytest.raises(ValueError, match="a coefficient of 'row' is not finite"):
        program.rows("row", [ITEM]).add([1.0, coefficient, 1.0], x)


@pytest.mark.parametrize(("key", "value"), [("cost", np.inf), ("cost", np.nan), ("lower", np.nan), ("upper", np.nan)])
def test_costs_and_bounds_must_be_numbers(key, value):
    with pytest.raises(ValueError, match=f"the {key} of 'x'"):
        Program(1).variable("x", [ITEM], **{key: [0.0, value, 0.0]})


def test_what_does_not_exist_may_be_undefined():
    x = Program(1).variable("x", [ITEM], where=[True, False, True], cost=[0.0, np.nan, 1.0])
    assert x.index.tolist() == [0, -1, 1]


def test_names_and_stages_are_guarded():
    program = Program(1)
    program.variable("x", [ITEM])
    with pytest.raises(ValueError, match="exists already"):
        program.variable("x", [ITEM])
    with pytest.raises(ValueError, match=r"stages outside 0\.\.0"):
        program.variable("late", [TIME])


def test_shapes_that_do_not_broadcast_are_refused():
    program = Program(1)
    x = program.variable("x", [ITEM])
    with pytest.raises(ValueError, match="shape"):
        program.rows("row", [ITEM]).add([1.0, 2.0], x)


def test_terms_are_kept_by_value():
    program = Program(1)
    x = program.variable("x", [ITEM])
    coefficient = np.ones(3)
    program.rows("row", [ITEM]).add(coefficient, x)
    coefficient[:] = 7.0
    assert program.freeze().value.tolist() == [1.0, 1.0, 1.0]


def test_writing_a_program_does_not_load_the_solver():
    code = "import sys; from barbell.plan.lp import Program, Template, tile; sys.exit('highspy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
