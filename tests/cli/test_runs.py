"""What was kept, in words and as objects."""

import json
import shutil
from pathlib import Path

import pytest

from barbell.cli.run import run
from barbell.io.catalogue import NAME
from tests.conftest import ROOT

TOY, TREE = str(ROOT / "cases" / "toy"), str(ROOT / "cases" / "toy-tree")
GRID = "limits.grid.bound=9 MW"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Three runs, made once."""
    out = tmp_path_factory.mktemp("shelf")
    for tokens in ([TOY], [TREE], [TOY, "--set", GRID]):
        assert run(["run", *tokens, "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture
def own(shelf, tmp_path, capsys):
    """A copy of them that a test may change."""
    capsys.readouterr()
    return Path(shutil.copytree(shelf, tmp_path / "runs"))


def told(capsys, *tokens):
    code = run([*tokens, "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def said(capsys, *tokens):
    assert run(list(tokens)) == 0
    out, err = capsys.readouterr()
    return out, err


def keys(out, capsys):
    """Keys of the runs: the toy, the tree, the toy with more grid."""
    return [one["key"] for one in reversed(told(capsys, "runs", "list", "--out", str(out))[1]["runs"])]


def test_the_newest_stand_first(own, capsys):
    code, found, err = told(capsys, "runs", "list", "--out", str(own))
    assert code == 0 and err == "" and [one["case"] for one in found["runs"]] == ["toy", "toy-tree", "toy"]
    first = found["runs"][0]
    assert first["changes"] == {"limits.grid.bound": "9 MW"} and first["value"] == pytest.approx(232.2e6, rel=1e-3)
    assert (first["money"], first["status"], first["gap"], first["damage"]) == ("USD2026", "optimal", 0, "")
    assert first["capex_by_year"] == pytest.approx({"2026": 157.5e6, "2027": 81e6}) and Path(first["folder"]).is_dir()
    assert first["bytes"] == sum(path.stat().st_size for path in Path(first["folder"]).rglob("*") if path.is_file() and path.name != "manifest.json")


def test_the_list_in_words(own, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    out, err = said(capsys, "runs", "list", "--out", str(own))
    lines = out.splitlines()
    assert lines[0] == "Money in USD m of 2026" and err == ""
    assert lines[1].split()[-6:] == ["value", "capex", "2026", "capex", "2027", "size"]
    assert "limits.grid.bound=9 MW" in out.replace("\n", " ") and "232.2" in lines[2] and "219.2" in out


@pytest.mark.parametrize("width", ["80", "100", "160"])
@pytest.mark.parametrize("command", ["list", "show", "diff", "prune"])
def test_tables_fit(command, width, own, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    monkeypatch.chdir(own.parent)
    first, _, last = keys("runs", capsys)
    tokens = {"list": [], "show": [first], "diff": [first, last], "prune": ["--keep", "1"]}[command]
    out, _ = said(capsys, "runs", command, *tokens)
    assert all(len(line.rstrip()) <= int(width) for line in out.splitlines() if not line.startswith((first, last, "toy:", "toy-tree:")))


def test_an_empty_place_says_what_to_do(tmp_path, capsys):
    out, _ = said(capsys, "runs", "list", "--out", str(tmp_path))
    assert "`barbell run CASE` keeps one" in out and list(tmp_path.iterdir()) == []


def test_a_run_is_named_by_folder_key_or_case(own, capsys):
    first, tree, last = keys(own, capsys)
    where = ("--out", str(own))
    names = {first: f"toy-{first}", first[:6]: f"toy-{first}", "toy": f"toy-{last}", "toy-tree": f"toy-tree-{tree}", f"toy-{first}": f"toy-{first}"}
    for name, folder in {**names, str(own / f"toy-{first}"): f"toy-{first}"}.items():
        assert Path(told(capsys, "runs", "show", name, *where)[1]["folder"]).name == folder


def test_a_name_that_leads_nowhere_or_to_several(own, capsys):
    code, found, _ = told(capsys, "runs", "show", "tou", "--out", str(own))
    assert code == 1 and found["faults"][0]["value"] == "tou" and found["faults"][0]["fix"] == "Did you mean 'toy'?"
    one, other = own / "toy-aaaaaaaaaaaa", own / "toy-aaaaaaaaaaab"
    folder = next(own.glob("toy-tree-*"))
    for copy in (one, other):
        shutil.copytree(folder, copy)
        (copy / "manifest.json").unlink()
    code, found, _ = told(capsys, "runs", "show", "aaaa", "--out", str(own))
    assert code == 1 and found["faults"][0]["fix"].endswith("aaaaaaaaaaab, aaaaaaaaaaaa")


def test_a_run_opened(own, capsys):
    _, _, last = keys(own, capsys)
    out, _ = said(capsys, "runs", "show", last, "--out", str(own))
    for words in (
        "toy: With a grid",
        "Value 232.2 USD m of 2026, optimal",
        "changed    limits.grid.bound=9 MW",
        f"key        {last}",
        "highspy",
    ):
        assert words in out
    code, found, _ = told(capsys, "runs", "show", last, "--out", str(own))
    assert f"Whole: {len(found['files'])} files, each as it was written." in out
    assert code == 0 and found["whole"] is True and found["headline"]["case"] == "toy" and "report.html" in found["files"]


def test_damage_is_shown_and_an_old_run_says_that_it_cannot_be_told(own, capsys):
    first, tree, _ = keys(own, capsys)
    (own / f"toy-{first}" / "cost.parquet").unlink()
    out, _ = said(capsys, "runs", "show", first, "--out", str(own))
    assert "cost.parquet: is missing. Run the case again" in out and "Whole" not in out
    assert told(capsys, "runs", "show", first, "--out", str(own))[1]["whole"] is False
    old = own / f"toy-tree-{tree}" / "manifest.json"
    headline = json.loads(old.read_text(encoding="utf-8"))["headline"]
    old.write_text(json.dumps({"key": tree, "headline": headline}), encoding="utf-8")
    assert "cannot be told" in said(capsys, "runs", "show", tree, "--out", str(own))[0]


@pytest.mark.parametrize("command", ["show", "diff"])
@pytest.mark.parametrize("harm", [lambda text: text[:-40], lambda text: text.replace("219", "220"), lambda _: "[]"])
def test_a_damaged_manifest_is_one_clear_error(command, harm, own, capsys):
    first, _, last = keys(own, capsys)
    path = own / f"toy-{first}" / "manifest.json"
    path.write_text(harm(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, found, _ = told(capsys, "runs", command, first, *([last] if command == "diff" else []), "--out", str(own))
    assert code == 1 and found["error"] == "CaseError" and "manifest.json" in found["faults"][0]["file"]


def test_two_runs_side_by_side(own, capsys):
    first, _, last = keys(own, capsys)
    code, found, _ = told(capsys, "runs", "diff", first, last, "--out", str(own))
    assert code == 0 and not found["nothing"] and found["value"][last] > found["value"][first]
    assert found["inputs"] == [{"table": "limits", "row": "grid", "field": "bound", first: "7.5", last: "9"}]
    out, _ = said(capsys, "runs", "diff", first, last, "--out", str(own))
    lines = [line.split() for line in out.splitlines()]
    assert ["limits.grid.bound", "7.5", "9"] in lines and ["order", "hall", "MW", "2026", "2.5", "3.75"] in lines
    assert ["value", "219.2", "232.2"] in lines and not [line for line in lines if line[:1] == ["debt"]]


def test_where_nothing_differs_it_says_so(own, capsys):
    first, *_ = keys(own, capsys)
    assert said(capsys, "runs", "diff", first, first, "--out", str(own))[0].rstrip().endswith("Nothing differs.")
    assert told(capsys, "runs", "diff", first, first, "--out", str(own))[1]["nothing"] is True


def test_the_catalogue_is_built_anew(own, capsys):
    (own / NAME).write_bytes(b"rubbish" * 999)
    out, err = said(capsys, "runs", "list", "--out", str(own))
    assert "232.2" in out and err.count("\n") == 1 and "built anew" in err
    flipped = next(own.glob("toy-tree-*")) / "report.html"
    flipped.write_bytes(flipped.read_bytes()[:-1] + b"?")
    out, err = said(capsys, "runs", "reindex", "--out", str(own))
    assert "Read 3 runs" in out and "report.html is not as it was written" in out and err == ""
    assert [one["case"] for one in told(capsys, "runs", "reindex", "--out", str(own))[1]["damaged"]] == ["toy-tree"]


def test_nothing_goes_without_a_yes(own, capsys):
    before = sorted(path.name for path in own.iterdir())
    code, found, _ = told(capsys, "runs", "prune", "--keep", "1", "--out", str(own))
    assert code == 0 and not found["removed"] and len(found["folders"]) == 1 and found["bytes"] == found["folders"][0]["bytes"]
    dry, _ = said(capsys, "runs", "prune", "--keep", "1", "--out", str(own))
    size = dry.partition("Would remove 1 folder, ")[2].partition(": say --yes")[0]
    assert size.endswith(("kB", "MB"))
    assert sorted(path.name for path in own.iterdir()) == before
    out, _ = said(capsys, "runs", "prune", "--keep", "1", "--yes", "--out", str(own))
    assert f"Removed 1 folder, {size}." in out and not Path(found["folders"][0]["folder"]).exists()
    assert len(told(capsys, "runs", "list", "--out", str(own))[1]["runs"]) == 2
    assert "Nothing to remove." in said(capsys, "runs", "prune", "--keep", "1", "--leftovers", "--damaged", "--out", str(own))[0]


def test_leftovers_are_told_and_go(own, capsys):
    (own / ".barbell-killed" / "new").mkdir(parents=True)
    assert "1 folder left by killed processes" in said(capsys, "runs", "list", "--out", str(own))[0]
    assert len(told(capsys, "runs", "prune", "--leftovers", "--yes", "--out", str(own))[1]["folders"]) == 1
    assert told(capsys, "runs", "list", "--out", str(own))[1]["leftovers"] == []


@pytest.mark.parametrize("tokens", [[], ["--keep", "-1"], ["--older", "-0.5"], ["--older", "nan"]], ids=" ".join)
def test_what_cannot_be_pruned(tokens, own, capsys):
    code, found, _ = told(capsys, "runs", "prune", *tokens, "--out", str(own))
    assert code == 1 and found["error"] == "CaseError"
