"""Published statements held against the facts: the rules, those of February 2026, a table of one's own, and everything that can be wrong with it."""

import csv
import json

import pytest

from barbell.cli.run import run
from barbell.core.errors import CaseError
from barbell.facts.claim import COLUMNS, JUDGEMENTS, Claim, read, shipped
from barbell.facts.verdict import review
from tests.conftest import ROOT

CHECKED = ROOT.parent / "shared" / "facts" / "finance" / "claims.csv"
ROW = {
    "id": "X1", "day": "2026-02-10", "publisher": "a paper", "where": "page 1", "claim": "it plans 200 billion", "formula": "amzn-capex_guide-2026",
    "comparison": "=", "stated": "200", "unit": "GUSD2026", "tolerance": "5", "evidence": "", "judgement": "", "note": "", "file": "own.csv",
    "line": 2,
}  # fmt: skip
JUDGED = {"comparison": "judged", "formula": "", "stated": "", "unit": "", "tolerance": "", "judgement": "true", "note": "the call of 2026-02-05"}


def claim(**changes):
    return Claim(**(ROW | changes))


def finding(**changes):
    """One line, held against the facts."""
    return review([claim(**changes)]).lines[0]


def table(tmp_path, *rows, columns=COLUMNS):
    """A table of claims as a file."""
    path = tmp_path / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows([ROW | row for row in rows])
    return path


def faults(tmp_path, *rows, columns=COLUMNS):
    with pytest.raises(CaseError) as raised:
        review(read(table(tmp_path, *rows, columns=columns)))
    return raised.value.faults


# The rules


@pytest.mark.parametrize(
    ("comparison", "stated", "tolerance", "verdict"),
    [
        ("=", "200", "0", "true"), ("=", "201", "1", "true"), ("=", "202", "1", "needs care"), ("=", "198", "1", "needs care"),
        ("=", "202.1", "1", "false"), ("=", "201", "0", "false"), ("<", "200", "0", "false"), ("<=", "200", "0", "true"),
        ("<", "199.5", "1", "true"), ("<", "198.5", "1", "needs care"), ("<", "197", "1", "false"), ("<", "201", "0", "true"),
        (">", "200", "0", "false"), (">=", "200", "0", "true"), (">", "201.5", "1", "needs care"), (">", "203", "1", "false"),
        ("in", "190 to 199", "1", "true"), ("in", "190 to 198", "1", "needs care"), ("in", "190 to 197", "1", "false"),
        ("in", "150 to 250", "", "true"),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_tolerance(comparison, stated, tolerance, verdict):
    found = finding(comparison=comparison, stated=stated, tolerance=tolerance)
    assert found.value == pytest.approx(200) and found.verdict == verdict
    assert bool(found.why) == (verdict != "true")


@pytest.mark.parametrize(
    ("over", "stated", "verdict"), [("200", "202", "needs care"), ("-200", "-201.00001", "needs care"), ("-200", "-201", "true")]
)
def test_the_ends_of_the_tolerance_belong_to_it(over, stated, verdict):
    assert finding(formula=f"{over}{{GUSD2026}}", stated=stated, tolerance="1").verdict == verdict


@pytest.mark.parametrize(("fact", "grades"), [("amzn-total-eps_consensus-2025Q4", "C"), ("demand-later-decline", "S"), ("amzn-capex_guide-2026", "")])
def test_a_weak_fact_makes_nothing_true(fact, grades):
    found = finding(formula=f"{fact} / {fact}", unit="1", stated="1", tolerance="0")
    assert found.verdict == ("needs care" if grades else "true") and found.why == (f"grade {grades}" if grades else "")


def test_facts_are_those_of_the_day_and_what_came_later_is_told():
    early, late = finding(), finding(day="2026-08-01")
    assert (early.value, early.verdict, early.now_verdict) == (pytest.approx(200), "true", "false") and early.now == pytest.approx(220)
    assert (late.value, late.verdict, late.now, late.now_verdict) == (pytest.approx(220), "false", None, "")
    pinned = finding(formula="amzn-capex_guide-2026@2026-07-30", stated="220")
    assert pinned.verdict == "true" and pinned.now is None
    assert [(f.name, f.as_of) for f in pinned.facts] == [("amzn-capex_guide-2026", "2026-07-30")]


def test_what_is_stated_may_be_a_formula():
    found = finding(comparison="<", stated="2 * amzn-total-capex-gross_purchases-2025 / 131819{MUSD2025} * 100{GUSD2026} + 1{MUSD2026}", tolerance="")
    assert found.stated == (pytest.approx(200.001), pytest.approx(200.001)) and found.verdict == "true"


def test_lines_may_refer_to_others_in_any_order():
    first = claim(id="A", formula="[B] + [C]", stated="600", tolerance="0", unit="MUSD2026")
    found = review([first, claim(id="B", formula="[C] / 2", unit="GUSD2026"), claim(id="C", formula="2 * amzn-capex_guide-2026", stated="400")])
    assert [line.value for line in found.lines] == [pytest.approx(600_000), pytest.approx(200), pytest.approx(400)]
    assert [line.verdict for line in found.lines] == ["false", "true", "true"]
    assert {f.name for f in found.lines[0].facts} == {"amzn-capex_guide-2026"}


def test_a_long_chain_of_lines():
    chain = [claim(id=f"n{n}x", formula=f"[n{n - 1}x] + 1{{GUSD2026}}", stated=str(200 + n), tolerance="0.001") for n in range(1, 1500)]
    found = review([claim(id="n0x"), *chain])
    assert {line.verdict for line in found.lines} == {"true"} and found.lines[-1].value == pytest.approx(1699)


def test_lines_of_one_claim_agree_or_it_needs_care():
    rows = [
        claim(id="Y2a"),
        claim(id="Y2b", stated="300"),
        claim(id="Y3a"),
        claim(id="Y3b"),
        claim(id="Y4", stated="300"),
        claim(id="word", **JUDGED),
    ]
    found = review(rows)
    assert found.claims == {"Y2": ("needs care", True), "Y3": ("true", True), "Y4": ("false", True), "word": ("true", False)}
    assert found.counts["claims"] == {"computed": {"true": 1, "needs care": 1, "false": 1}, "judged": {"true": 1, "needs care": 0, "false": 0}}
    assert found.counts["lines"] == {"computed": {"true": 3, "needs care": 0, "false": 2}, "judged": {"true": 1, "needs care": 0, "false": 0}}


def test_judged_lines_show_their_evidence():
    facts = "amzn-aws-rpo-2025Q4 amzn-capex_guide-2026@2026-07-30"
    found = finding(**JUDGED | {"judgement": "false", "evidence": facts, "formula": "amzn-aws-rpo-2025Q4", "unit": "GUSD2025"})
    assert (found.verdict, found.why, found.value, found.stated) == ("false", "judged", 244.0, None)
    assert [f.value for f in found.facts] == ["244000", "220000"]


# The claims of February 2026


@pytest.fixture(scope="module")
def news():
    return review(shipped())


def test_every_claim_of_the_news_is_there(news):
    assert set(news.claims) == {f"C{n:02}" for n in range(1, 24)}
    counts = news.counts
    assert sum(sum(kind.values()) for kind in counts["claims"].values()) == 23
    assert sum(sum(kind.values()) for kind in counts["lines"].values()) == len(news.lines)
    assert sum(counts["lines"]["judged"].values()) == sum(line.claim.judged for line in news.lines) < 10


def test_computed_lines_rest_on_facts_and_on_nothing_else(news):
    for line in news.lines:
        if not line.claim.judged:
            assert line.facts and line.value is not None, line.claim.id
            assert all(f.source and f.grade != "S" for f in line.facts), line.claim.id


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("C01", "true"), ("C02", "true"), ("C03", "needs care"), ("C04", "needs care"), ("C05", "true"), ("C07", "true"), ("C08", "needs care"),
        ("C11", "needs care"), ("C12", "needs care"), ("C13", "true"), ("C19", "needs care"), ("C20", "false"), ("C21", "needs care"),
        ("C22", "false"),
    ],
)  # fmt: skip
def test_verdicts_on_the_news(news, name, verdict):
    """As the check by hand has them: figures and dates true; the rise, the fall and the barbell with care; easing and dates of the text not."""
    assert news.claims[name][0] == verdict


def test_every_recomputed_value_is_that_of_the_check_by_hand(news):
    if not CHECKED.exists():
        pytest.skip("the check by hand is not here")
    values = {line.claim.id: line.value for line in news.lines}
    with CHECKED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["recomputed"]]
    assert len(rows) == 39
    for row in rows:
        name = row["claim_id"] if row["claim_id"] in values else f"{row['claim_id']}a"
        text = row["recomputed"]
        step = 0.5 if text.endswith(".0") else 0.5 * 10.0 ** -len(text.partition(".")[2])
        assert values[name] == pytest.approx(float(text), abs=step * 1.0001), name


# A table of one's own


def test_columns_may_be_left_out_and_stand_in_any_order(tmp_path):
    path = table(tmp_path, {}, columns=("unit", "claim", "stated", "formula", "comparison", "publisher", "id", "day"))
    (found,) = review(read(path)).lines
    assert found.verdict == "true" and found.claim.tolerance == "" and (found.claim.file, found.claim.line) == ("own.csv", 2)


def test_a_table_out_of_a_spreadsheet(tmp_path):
    path = table(tmp_path, {"claim": "of two\nlines"}, {"id": "X2"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b",,,,,,,,,,,,\r\n\r\n")
    assert [(c.id, c.line) for c in read(path)] == [("X1", 2), ("X2", 4)]


@pytest.mark.parametrize(
    ("row", "field", "problem", "fix"),
    [
        ({"formula": "amzn-capex_gide-2026"}, "formula, character 1", "there is no fact", "Did you mean 'amzn-capex_guide-2026'"),
        ({"formula": "1 + * 2"}, "formula, character 5", "where a value is wanted", "Write a fact"),
        ({"formula": "amzn-capex_guide-2026 / 0"}, "formula, character 25", "division by zero", "nothing"),
        ({"formula": "amzn-aws-revenue-2026Q2"}, "formula, character 1", "only from 2026-07-30", "@2026-07-30"),
        ({"formula": "[X1]"}, "formula", "in a circle: X1 -> X1", "facts alone"),
        ({"formula": "[X9]"}, "formula", "no line 'X9'", "Known lines: X1"),
        ({"unit": "MW"}, "unit", "'USD2026' does not fit 'W'", "one kind"),
        ({"unit": "GUSD2025"}, "unit", "'USD2026' does not fit 'USD2025'", "nominal"),
        ({"unit": "furlong"}, "unit", "unknown unit", "known unit"),
        ({"unit": ""}, "unit", "has no unit", "1 for a pure number"),
        ({"stated": ""}, "stated", "has no stated", "judged"),
        ({"stated": "many"}, "stated, character 1", "there is no fact 'many'", ""),
        ({"stated": "1 to 2"}, "stated", "is a range", "Write in"),
        ({"comparison": "in"}, "stated", "is no range", "-11 to -7"),
        ({"comparison": "in", "stated": "2 to 1"}, "stated", "is no range", "smaller end first"),
        ({"stated": "200{MW}"}, "stated", "does not fit", "one kind"),
        ({"tolerance": "some"}, "tolerance", "is no tolerance", "from 0 up"),
        ({"tolerance": "-1"}, "tolerance", "is no tolerance", "from 0 up"),
        ({"tolerance": "nan"}, "tolerance", "is no tolerance", "from 0 up"),
        ({"comparison": "~"}, "comparison", "is no comparison", "judged"),
        ({"judgement": "true"}, "judgement", "beside a comparison", "Leave it empty"),
        ({"day": "10.2.2026"}, "day", "is not a day", "YYYY-MM-DD"),
        ({"id": "4a"}, "id", "is no id", "a letter first"),
        ({"publisher": ""}, "publisher", "has no publisher", "who published"),
        (JUDGED | {"judgement": "maybe"}, "judgement", "is no judgement", "needs care"),
        (JUDGED | {"note": ""}, "evidence", "without evidence", "source in the note"),
        (JUDGED | {"evidence": "3"}, "evidence, character 1", "no name of a fact", "apart by blanks"),
        (JUDGED | {"evidence": "amzn-nothing-at_all"}, "evidence, character 1", "there is no fact", ""),
        (JUDGED | {"stated": "3"}, "stated", "nothing is compared", "Leave stated"),
        (JUDGED | {"formula": "1 + 1"}, "unit", "no unit", "1 for a pure number"),
    ],
)
def test_what_is_wrong_is_told_with_place_value_and_fix(tmp_path, row, field, problem, fix):
    (fault,) = faults(tmp_path, row)
    assert (fault.where.file, fault.where.line, fault.where.field) == ("own.csv", 2, field)
    assert problem in fault.problem and fix in fault.fix


def test_every_fault_is_told_at_once(tmp_path):
    found = faults(tmp_path, {}, {"day": "soon"}, {"id": "X3", "comparison": "?"})
    assert [(f.where.line, f.where.field) for f in found] == [(3, "day"), (3, "id"), (4, "comparison")]
    assert "stands already on line 2" in found[1].problem


def test_a_fault_is_told_once_however_many_lines_rest_on_it(tmp_path):
    found = faults(tmp_path, {"formula": "nothing"}, {"id": "X2", "formula": "[X1]"}, {"id": "X3", "formula": "[X2]"}, {"id": "X4", "formula": "1 /"})
    assert [f.where.line for f in found] == [2, 5]


def test_circles_are_told_with_their_way(tmp_path):
    found = faults(tmp_path, {"formula": "[X2] * 2"}, {"id": "X2", "formula": "[X3]"}, {"id": "X3", "stated": "[X1]"})
    ways = ("X1 -> X2 -> X3 -> X1", "X2 -> X3 -> X1 -> X2", "X3 -> X1 -> X2 -> X3")
    assert len(found) == 1 and found[0].problem in {f"goes in a circle: {way}" for way in ways}
    judged = faults(tmp_path, JUDGED, {"id": "X2", "formula": "[X1]"})
    assert "has no value" in judged[0].problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is missing among the columns"),
        (b"id,day,publisher,claim,comparison,formla\n", "is no column"),
        (b"id,id,day,publisher,claim,comparison\n", "is a column twice"),
        (b"id,day,publisher,claim,comparison\nX1,2026-01-01\n", "2 cells under 5 columns"),
        (b'id,day,publisher,claim,comparison\n"X1"y,2026-01-01\n', "is no CSV near line 2"),
        (b"id,day\xff\n", "cannot be read"),
    ],
)
def test_what_is_no_table_of_claims(tmp_path, content, problem):
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(CaseError, match=problem):
        read(path)


def test_an_empty_table_has_no_claims(tmp_path):
    assert review(read(table(tmp_path))).claims == {}


# The command


def test_the_command_prints_claim_value_verdict_and_sources(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["facts", "claims"]) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line for line in out.splitlines() if line.startswith("C")}
    assert "220 (false)" in rows["C01"] and "needs care" in rows["C04c"] and "55.86" in rows["C04c"]
    assert "Computed: " in out and "Judged: " in out and "Amazon Q4 2025 earnings release, 2026-02-05" in out


def test_the_command_for_machines(capsys):
    assert run(["facts", "claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"lines", "claims", "counts"} and len(found["claims"]) == 23
    growth = next(line for line in found["lines"] if line["id"] == "C13a")
    assert growth["recomputed"] == pytest.approx(100 * (35579 / 28786 - 1)) and growth["verdict"] == "true" and growth["computed"]
    assert [f["name"] for f in growth["facts"]] == ["amzn-aws-revenue-2024Q4", "amzn-aws-revenue-2025Q4"]
    assert all(line["verdict"] in JUDGEMENTS for line in found["lines"])
    assert next(c for c in found["claims"] if c["id"] == "C03")["lines"] == ["C03a", "C03b"]


def test_the_command_on_a_table_of_ones_own(tmp_path, capsys):
    path = table(tmp_path, {}, {"id": "X2", "formula": "nothing_like_it", "day": "2026-02-11"})
    assert run(["facts", "claims", str(path)]) == 1
    assert "own.csv:3 formula, character 1: 'nothing_like_it' there is no fact" in capsys.readouterr().err
    assert run(["facts", "claims", str(path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 1 and told["faults"][0]["line"] == 3
    assert run(["facts", "claims", str(tmp_path / "none.csv")]) == 1
    assert "there is no such file" in capsys.readouterr().err
    assert run(["facts", "claims", str(table(tmp_path, {}))]) == 0
    assert "Computed: 1 lines (1 true), 1 claims" in capsys.readouterr().out
