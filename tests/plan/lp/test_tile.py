"""A template on a tree is the extensive form that one would write node by node."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.plan.lp import Axis, Change, Program, Template, Tree, tile

STAGES = 3
TIME = Axis("time", ["t0", "t1", "t2"], (0, 1, 2))


def template_of(rng: np.random.Generator) -> Template:
    """Random rows over a stock and two activities per stage, some of them looking back."""
    program = Program(STAGES)
    two = Axis("two", ["a", "b"])
    x = program.variable("x", [two, TIME], cost=rng.normal(size=(2, 3)), upper=rng.random((2, 3)), integer=rng.random((2, 3)) < 0.5)
    s = program.variable("s", [TIME], cost=rng.normal(size=3), lower=rng.normal(size=3))
    rows = program.rows("rows", [two, TIME], lower=rng.normal(size=(2, 3)), upper=5.0)
    for time in range(STAGES):
        for past in range(time + 1):
            rows.add(rng.normal(size=2), np.where(rng.random(2) < 0.7, x[:, past], -1), at=np.s_[:, time])
            rows.add(rng.normal(size=2), s[past], at=np.s_[:, time])
    return program.freeze()


def tree_of(rng: np.random.Generator, nodes: int) -> Tree:
    """A random tree whose nodes come in any order that names parents first."""
    stage, parent = [0], [-1]
    for _ in range(nodes):
        above = int(rng.choice([n for n in range(len(stage)) if stage[n] < STAGES - 1]))
        stage.append(stage[above] + 1)
        parent.append(above)
    return Tree(np.array(stage), np.array(parent), rng.random(len(stage)))


def written(tree: Tree, templates: list[Template]):
    """The extensive form, node by node and term by term, with (node, template column) as keys."""
    columns, rows = {}, {}
    for node, (stage, t) in enumerate(zip(tree.stage, templates, strict=True)):
        at = {int(tree.stage[n]): n for n in _way(tree, node)}
        of = np.searchsorted(t.column_start, np.arange(len(t.cost)), side="right") - 1
        for c in range(t.column_start[stage], t.column_start[stage + 1]):
            columns[node, c] = (t.cost[c] * tree.probability[node], t.lower[c], t.upper[c], bool(t.integer[c]))
        for r in range(t.row_start[stage], t.row_start[stage + 1]):
            entries = range(t.start[r], t.start[r + 1])
            terms = {(at[int(of[t.index[e]])], int(t.index[e])): float(t.value[e]) for e in entries}
            rows[node, r] = (t.row_lower[r], t.row_upper[r], terms)
    return columns, rows


def _way(tree: Tree, node: int) -> list[int]:
    return [node] if tree.parent[node] < 0 else [*_way(tree, int(tree.parent[node])), node]


def laid(problem, templates):
    """The same keys, read from the arrays."""
    tree, p = problem.tree, problem.arrays
    columns, rows, key = {}, {}, {}
    number, place = 0, 0
    for node, (stage, t) in enumerate(zip(tree.stage, templates, strict=True)):
        for c in range(t.column_start[stage], t.column_start[stage + 1]):
            key[number] = node, c
            columns[node, c] = (p.cost[number], p.lower[number], p.upper[number], bool(p.integer[number]))
            number += 1
    for node, (stage, t) in enumerate(zip(tree.stage, templates, strict=True)):
        for r in range(t.row_start[stage], t.row_start[stage + 1]):
            entries = range(p.start[place], p.start[place + 1])
            rows[node, r] = (p.row_lower[place], p.row_upper[place], {key[int(p.index[e])]: float(p.value[e]) for e in entries})
            place += 1
    assert number == len(p.cost)
    assert place == len(p.row_lower)
    assert p.start[-1] == len(p.value)
    return columns, rows


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**31), st.integers(0, 12), st.booleans())
def test_a_tiled_tree_is_the_extensive_form(seed, nodes, several):
    rng = np.random.default_rng(seed)
    tree = tree_of(rng, nodes)
    pool = [template_of(rng) for _ in range(2 if several else 1)]
    templates = [pool[int(rng.integers(len(pool)))] for _ in tree.stage]
    assert laid(tile(tree, templates if several else pool[0]), templates) == written(tree, templates)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**31), st.integers(2, 12))
def test_changes_follow_the_tree_order_of_their_stage(seed, nodes):
    rng = np.random.default_rng(seed)
    tree, template = tree_of(rng, nodes), template_of(rng)
    nodes_of_1 = np.flatnonzero(tree.stage == 1)
    at_cost = np.arange(template.column_start[1], template.column_start[2])
    at_value = np.arange(template.start[template.row_start[1]], template.start[template.row_start[2]])[::-1]
    cost, value = rng.normal(size=(len(nodes_of_1), len(at_cost))), rng.normal(size=(len(nodes_of_1), len(at_value)))
    by_change = tile(tree, template, [Change(1, "cost", at_cost, cost), Change(1, "value", at_value, value)])
    templates = [template] * len(tree.stage)
    for n, node in enumerate(nodes_of_1):
        new_cost, new_value = template.cost.copy(), template.value.copy()
        new_cost[at_cost], new_value[at_value] = cost[n], value[n]
        templates[node] = Template(**{**vars(template), "cost": new_cost, "value": new_value})
    assert laid(by_change, templates) == written(tree, templates)


def test_one_path_is_the_template_itself():
    template = template_of(np.random.default_rng(1))
    problem = tile(Tree.path(STAGES), template)
    for part in ("cost", "lower", "upper", "integer", "row_lower", "row_upper", "start", "index", "value"):
        assert np.array_equal(getattr(problem.arrays, part), getattr(template, part)), part
    # at the leaf of the path everything is known and numbered as in the template
    assert np.array_equal(problem.columns(template)[-1], np.arange(len(template.cost)))
    assert (problem.columns(template)[0, template.column_start[1] :] == -1).all()


def test_a_change_at_the_wrong_stage_is_refused():
    template = template_of(np.random.default_rng(1))
    with pytest.raises(ValueError, match="not at stage 1"):
        tile(Tree.path(STAGES), template, [Change(1, "cost", np.array([0]), np.ones((1, 1)))])


def test_templates_of_another_shape_are_refused():
    template = template_of(np.random.default_rng(1))
    program = Program(STAGES)
    program.variable("x", [TIME])
    with pytest.raises(ValueError, match="same columns and rows"):
        tile(Tree.path(STAGES), [template, template, program.freeze()])


def test_a_fan_shares_the_first_stage():
    tree = Tree.fan(4)
    assert tree.ancestor.tolist() == [[0, -1], [0, 1], [0, 2], [0, 3], [0, 4]]
    assert tree.leaves.tolist() == [1, 2, 3, 4]
    assert tree.probability[tree.leaves].sum() == pytest.approx(1.0)
