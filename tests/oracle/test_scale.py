"""The benchmark's cases by second opinions: the generated one by the second build of the equations, the plain one by linopy and PyPSA."""

from __future__ import annotations

from pathlib import Path

import pytest

from barbell import study
from tests.oracle.second import optimum

pytest.importorskip("linopy")
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore::linopy.config.LinopySemanticsWarning"),  # of PyPSA, see test_pypsa
]

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def scale(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from scale import draft, generate, plain

    return draft, generate, plain


@pytest.mark.parametrize("more", [{}, {"slices": 2, "forks": 1, "ways": 2}], ids=["smallest", "tree and slices"])
def test_a_generated_case_is_worth_the_same_in_both(scale, tmp_path, more):
    draft, generate, _ = scale
    case = study.check(generate.write(tmp_path / "case", draft.Size(sites=2, chips=2, quarters=8, steps=2, **more)))
    assert study.plan(case).value == pytest.approx(optimum(case), rel=1e-8)


@pytest.mark.parametrize("peer", ["linopy", "pypsa"])
def test_the_plain_case_is_worth_the_same_in_a_peer(scale, peer):
    import importlib

    pytest.importorskip(peer)
    draft, _, plain = scale
    values = []
    for name in ("barbell", peer):
        module = importlib.import_module(f"scale.with_{name}")
        values.append(module.solve(module.build(module.prepare(plain.Plain(draft.Size(sites=3, chips=2, quarters=12, steps=2))))))
    assert values[1] == pytest.approx(values[0], rel=1e-8)
