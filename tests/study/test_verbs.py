"""The verbs of the Python API."""

import subprocess
import sys

import pytest

import barbell
from barbell import study
from tests.conftest import ROOT

EXAMPLES = sorted(p.parent.name for p in (ROOT / "cases").glob("*/case.yaml"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_case_of_its_own(tmp_path, example):
    """A base outside the folder would be lost in the copy."""
    made = barbell.new(tmp_path / "mine", example=example)
    assert barbell.check(made).name == "mine"
    source = ROOT / "cases" / example
    assert {p.relative_to(made) for p in made.rglob("*")} == {p.relative_to(source) for p in source.rglob("*")}


def test_new_fills_an_empty_folder_in_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    barbell.new(".")
    assert (tmp_path / "case.yaml").is_file()
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_new_refuses_a_folder_in_use(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(barbell.CaseError, match="not an empty folder"):
        barbell.new(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_new_refuses_a_file_and_what_lies_below_one(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(barbell.CaseError, match="not an empty folder"):
        barbell.new(tmp_path / "file")
    with pytest.raises(barbell.CaseError, match="cannot be written"):
        barbell.new(tmp_path / "file" / "below")


def test_new_refuses_an_unknown_example_and_lists_the_known(tmp_path):
    with pytest.raises(barbell.CaseError, match="toy"):
        barbell.new(tmp_path / "mine", example="tyo")
    assert not (tmp_path / "mine").exists()


def test_new_leaves_nothing_behind_when_copying_fails(tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copytree", full)
    with pytest.raises(barbell.CaseError, match="No space left"):
        barbell.new(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_plan_takes_a_folder_with_changes_or_a_case(tmp_path):
    made = barbell.check(ROOT / "cases" / "toy", {"limits.grid.bound": "9 MW"})
    assert barbell.plan(made).value == pytest.approx(barbell.plan(ROOT / "cases" / "toy", {"limits.grid.bound": "9 MW"}).value)
    with pytest.raises(barbell.CaseError, match="folder"):
        barbell.plan(made, {"limits.grid.bound": "9 MW"})


def test_progress_is_told():
    told = []
    barbell.plan(ROOT / "cases" / "toy", progress=told.append)
    assert told and all(isinstance(message, str) for message in told)


def test_examples_lie_inside_an_installed_package(tmp_path, monkeypatch):
    """In a wheel the cases are data of the package; in a checkout they stand beside the sources."""
    package = tmp_path / "barbell"
    (package / "study").mkdir(parents=True)
    monkeypatch.setattr(study.pipeline, "__file__", str(package / "study" / "pipeline.py"))
    assert study.pipeline.examples() == tmp_path.parent / "cases"
    (package / "cases").mkdir()
    assert study.pipeline.examples() == package / "cases"


@pytest.mark.parametrize(
    "code",
    [
        "import barbell; barbell.plan(TOY); print(barbell.plan(TOY).value)",
        "from barbell import plan; print(plan(TOY).value)",
        "import barbell.plan; print(barbell.plan(TOY).value)",
        "import barbell.plan.lp, barbell; print(barbell.plan(TOY).value)",
        "from barbell import check, plan; print(plan.solve(check(TOY)).value)",
        "from barbell.plan import solve; import barbell; print(solve(barbell.check(TOY)).value)",
        "import barbell.plan as room; print(room(TOY).value, room.Plan is __import__('barbell').Plan)",
    ],
)
def test_the_verb_and_the_room_share_a_name(code):
    """`barbell.plan` is a package as well as a verb, in whatever order they are first asked for."""
    toy = str(ROOT / "cases" / "toy")
    done = subprocess.run([sys.executable, "-c", f"TOY = {toy!r}\n{code}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("219.1796") and "False" not in done.stdout
