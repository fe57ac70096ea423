"""`barbell explain RUN NUMBER`: a readable tree, one object for machines, and plain words for what is wrong."""

import json
import re

import pytest

from barbell.cli.run import run
from tests.conftest import ROOT

TOY = str(ROOT / "cases" / "toy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("kept")
    assert run(["run", TOY, "--out", str(out), "--quiet"]) == 0
    return str(next(path for path in out.iterdir() if path.is_dir() and path.name.startswith("toy")))


def told(capsys, *tokens):
    code = run([*tokens])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_tree_goes_from_the_value_to_the_line_of_the_file(folder, capsys):
    code, out, _ = told(capsys, "explain", folder, "capex/2026")
    rows = out.splitlines()
    assert code == 0 and rows[0].split() == ["capex", "of", "company", "in", "2026", "145", "MUSD2026", "[years/company/capex/2026]"]
    cell = next(row for row in rows if row.strip().startswith("capex ") and "assets.csv:3" in row)
    assert "30 MUSD2026/kchip" in cell and "[assets.chip.capex]" in cell
    assert any("decided by the plan" in row for row in rows)
    ends = {row.index("MUSD2026") for row in rows if "MUSD2026 " in f"{row} " and not row.strip().startswith("decided")}
    assert len(ends) == 1, "values and units stand under each other"


def test_depth_and_top_cut_the_tree(folder, capsys):
    shallow = told(capsys, "explain", folder, "free-cash-flow/2027", "--depth", "1")[1]
    deep = told(capsys, "explain", folder, "free-cash-flow/2027", "--depth", "9")[1]
    assert len(shallow.splitlines()) < 7 < len(deep.splitlines())
    few = told(capsys, "explain", folder, "value", "--depth", "1", "--top", "2")[1]
    assert "more, together" in few


def test_machines_get_one_object(folder, capsys):
    code, out, _ = told(capsys, "explain", folder, "capex/2026", "--json", "--depth", "5")
    found = json.loads(out)
    assert code == 0 and found["value"] == pytest.approx(145) and found["formula"] == "buildings + servers"
    cost = found["inputs"][1]["inputs"][0]
    assert cost["inputs"][0]["value"] == pytest.approx(4) and cost["inputs"][1]["inputs"][0]["where"] == "assets.csv:3"


def test_without_a_number_it_says_what_can_be_asked(folder, capsys):
    code, out, _ = told(capsys, "explain", folder)
    assert code == 0 and "numbers of toy can be opened" in out and "orders/hall@va/2026" in out
    assert "headline/objective_usd" in json.loads(told(capsys, "explain", folder, "--json")[1])["examples"]


def test_a_case_keeps_its_meaning(capsys):
    code, out, _ = told(capsys, "explain", TOY)
    assert code == 0 and "What binds" in out


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ((TOY, "capex/2026"), "is a case, and numbers are opened in a run"),
        (("nowhere", "capex/2026"), "holds no run"),
        (("RUN", "capx/2026"), "Nearest: capex/2026"),
        (("RUN", "capex/1999"), "Nearest"),
        (("RUN", "capex/2026", "--depth", "0"), "must be above 0"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tokens, words, folder, capsys):
    code, out, err = told(capsys, "explain", *(folder if token == "RUN" else token for token in tokens))
    assert code == 1 and words in err and not out and "Traceback" not in err


def test_a_damaged_run_is_told(folder, capsys, tmp_path):
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / "case" / "assets.parquet").unlink()
    code, _, err = told(capsys, "explain", str(copy), "capex/2026")
    assert code == 1 and "assets.parquet" in err and "is missing" in err


def test_the_guide_shows_what_is_printed(folder, capsys):
    """The tree in docs/guide/provenance.md."""
    text = (ROOT / "docs" / "guide" / "provenance.md").read_text(encoding="utf-8")
    shown = re.search(r"```\n(capex of company in 2026.+?)\n```", text, re.S)[1]
    assert [row.rstrip() for row in told(capsys, "explain", folder, "capex/2026")[1].rstrip().splitlines()] == shown.splitlines()
