"""The generated cases of the benchmark: files that any user could have written, the same for the same arguments, and worth planning."""

from pathlib import Path

import pytest

from barbell import study

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def scale(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from scale import draft, generate, plain

    return draft, generate, plain


@pytest.mark.parametrize("more", [{}, {"sites": 9, "chips": 4}, {"slices": 2, "forks": 1, "ways": 2}], ids=["small", "two regions", "tree, slices"])
def test_a_generated_case_passes_every_check_and_pays(scale, tmp_path, more):
    draft, generate, _ = scale
    size = draft.Size(**({"sites": 4, "chips": 2, "quarters": 12} | more))
    case = study.check(generate.write(tmp_path / "case", size))
    assert (len(case.horizon.periods), len(case.horizon.slices)) == (size.quarters, size.slices)
    assert sum(place.kind == "site" for place in case.tables.places) == size.sites
    assert len(case.tables.scenarios) == sum(size.ways**n for n in range(1, size.forks + 1))
    plan = study.plan(case)
    orders, prices = plan.tables["orders"], plan.tables["prices"]
    assert plan.value > 0
    assert orders["value"].sum() > 0
    assert {"account", "capacity", "demand"} <= set(prices["kind"])


def test_the_same_arguments_give_the_same_files_and_another_seed_others(scale, tmp_path):
    draft, generate, _ = scale

    def files(name, seed):
        folder = generate.write(tmp_path / name, draft.Size(sites=2, chips=2, quarters=8, seed=seed))
        return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}

    first = files("first", 0)
    assert first == files("again", 0)
    assert first != files("other", 1)


def test_what_cannot_be_written_is_said(scale, tmp_path):
    draft, generate, _ = scale
    with pytest.raises(ValueError, match="sites 0"):
        draft.Size(sites=0, chips=2, quarters=8)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="name another folder"):
        generate.write(tmp_path, draft.Size(sites=1, chips=2, quarters=8))
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_the_plain_case_of_the_peers_passes_every_check_too(scale, tmp_path):
    draft, _, plain = scale
    made = plain.Plain(draft.Size(sites=3, chips=2, quarters=12, steps=2))
    case = study.check(plain.case(made, tmp_path / "plain"))
    assert study.plan(case).value > 0
    assert {row.name: row.lead_months for row in case.tables.assets} == dict.fromkeys(("grid", "hall", "chip0", "chip1"), 0)


def test_time_is_booked_to_the_innermost_stage(scale, monkeypatch):
    from itertools import count

    from scale import stages

    ticks = count()  # a clock that moves on by one whenever it is read
    monkeypatch.setattr(stages.time, "perf_counter", lambda: float(next(ticks)))

    class Work:
        def inner(self):
            stages.time.perf_counter()

        def outer(self):
            self.inner()
            self.inner()

    clock = stages.Stages()
    clock.wrap(Work, "inner", "inner")
    clock.wrap(Work, "outer", "outer")
    Work().outer()
    assert {name: stage.wall_s for name, stage in clock.found.items()} == {"other": 1, "outer": 3, "inner": 4}
    assert all(stage.peak_mb > 0 for stage in clock.found.values())
