"""Everything that can be wrong with a case's files: each fault names its place, its value and what to do.

The edits of `faults.csv`: in a file, replace the old text by the new; then a fault at that place shows the value, the
problem and the advice.
"""

from __future__ import annotations

import csv
from pathlib import Path as FilePath

import pytest

from barbell.core.errors import CaseError
from barbell.io import read

with (FilePath(__file__).parent / "faults.csv").open(newline="") as file:
    EDITS = [[cell.replace("\\n", "\n").replace("\\t", "\t") for cell in row] for row in csv.reader(file)][1:]


def faults(folder, changes=None):
    with pytest.raises(CaseError) as caught:
        read(folder, changes or {})
    return caught.value.faults


def assert_told(found, place, value, problem, fix):
    hits = [f for f in found if str(f.where).startswith(place) and problem in f.problem]
    assert hits, "\n".join(map(str, found))
    assert value in hits[0].value
    assert fix in hits[0].fix
    assert str(hits[0].where) in str(hits[0])
    return hits[0]


@pytest.mark.parametrize(("file", "old", "new", "place", "value", "problem", "fix"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_fault(good, file, old, new, place, value, problem, fix):
    good.edit(file, old, new)
    found = faults(good.folder)
    assert_told(found, place, value, problem, fix)


ALONE = {
    "NaN",
    "missing capex",
    "unknown unit",
    "bad date",
    "duplicate row",
    "unknown key",
    "unknown reference",
    "payments",
    "too few cells",
}


@pytest.mark.parametrize("edit", [e for e in EDITS if e[0] in ALONE], ids=lambda e: e[0])
def test_one_fault_raises_no_false_alarm(good, edit):
    good.edit(*edit[1:4])
    assert len({f.where.line for f in faults(good.folder)}) == 1


def test_good_case_has_no_fault(good):
    read(good.folder)


def test_two_faults_are_told_at_once(good):
    good.edit("build/assets.csv", "MW,12,build", "MW,NaN,build").edit("places.csv", "earth,world,", "earth,world,va")
    good.edit("case.yaml", "tail: 0.05", "tail: 2").edit("build/payments.csv", "service,0,0.5", "service,0,0.4")
    places = [str(f.where) for f in faults(good.folder)]
    assert places == ["build/assets.csv:3 capex", "build/payments.csv:3 share", "case.yaml:8 risk.tail", "places.csv:2 parent"]


def test_message_counts_and_lists(good):
    good.edit("build/assets.csv", "MW,12,build", "MW,NaN,build")
    with pytest.raises(CaseError, match=r"1 fault in .*small\n  - build/assets.csv:3 capex: 'NaN' .* not a number\. Write") as caught:
        read(good.folder)
    assert caught.value.exit_code == 1


def test_fact_known_only_later(good):
    found = faults(good.folder, {"as_of": "2024-01-01"})
    told = assert_told(found, "build/assets.csv:6 capex", "@liquid_cost", "not known on 2024-01-01, only from 2024-05-01", "as_of")
    assert told.value == "@liquid_cost"


def test_older_fact_in_older_money_is_refused(good):
    assert_told(faults(good.folder, {"as_of": "2025-01-01"}), "build/assets.csv:6 capex", "@liquid_cost", "money of USD2024", "Restate")


def test_fact_in_a_word(good):
    good.edit("build/assets.csv", "@liquid_cost,build", "@liquid_cost,@build")
    assert_told(faults(good.folder), "build/assets.csv:6 programme", "@build", "is no row of", "build")


def test_money_as_a_list(good):
    good.edit("case.yaml", "money: MUSD2026", "money: [MUSD2026]")
    assert_told(faults(good.folder), "case.yaml:2 money", "", "currency and year", "MUSD2026")


def test_mapping_where_a_value_belongs(good):
    good.edit("case.yaml", "question: Build a hall now, or wait?", "question: {a: b}")
    assert_told(faults(good.folder), "case.yaml:1 question", "", "a mapping where one value belong", "guide")


def test_signed_and_on_offer(good):
    good.write(
        "sell/contracts.csv",
        "name,market,resource,place,entity,volume,price,term_months,starts,opens,penalty\n"
        "c,training,token,earth,group,10 Mtok/h,2 USD2026/Mtok,36,2026-07,2026-04,0 USD2026/Mtok\n",
    )
    assert_told(faults(good.folder), "sell/contracts.csv:2 opens", "2026-04", "signed", "Leave")


def test_selling_a_stock(good):
    good.add("sell/contracts.csv", "odd,training,spare,earth,group,10 chip,1 MUSD2026/chip/year,36,,0 USD2026/chip/year")
    assert_told(faults(good.folder), "sell/contracts.csv:4 resource", "spare", "only a flow", "Sell a flow")


def test_process_that_can_run_nowhere(good):
    good.edit("build/options.csv", "chip,site,,\n", "")
    good.add("build/cohorts.csv", "odd,chip,earth,5,2025-01,,,")
    read(good.folder)  # a chip at the root serves every site below it
    good.edit("places.csv", "tx,site,earth", "tx,site,earth\nmoon,orbit,earth").edit("build/cohorts.csv", "chip,earth", "chip,moon")
    assert_told(faults(good.folder), "run/processes.csv:3 where", "site", "nothing lets chip stand", "Add options")


# files as bytes


def test_byte_order_mark_is_read_over(good):
    good.write("places.csv", b"\xef\xbb\xbf" + (good.folder / "places.csv").read_bytes())
    assert [p.name for p in read(good.folder).tables.places] == ["earth", "va", "tx"]


def test_windows_line_ends_are_read(good):
    plain = read(good.folder)
    for name in ("places.csv", "build/assets.csv", "case.yaml"):
        good.write(name, (good.folder / name).read_bytes().replace(b"\n", b"\r\n"))
    assert read(good.folder) == plain


BYTES = [
    ("latin-1", b"name,kind\nM\xfcnchen,site\n", "places.csv:2", "byte 0xfc is not UTF-8 (Latin-1 would read it as 'ü')", "UTF-8"),
    ("UTF-16", "name,kind\n".encode("utf-16"), "places.csv:1", "UTF-16", "UTF-8"),
    ("NUL", b"name,kind\nearth,wor\x00ld\n", "places.csv:2", "NUL", "damaged"),
    ("empty", b"", "places.csv", "the file is empty", "delete it"),
    ("comments only", b"# nothing\n\n", "places.csv", "no header line", "field names"),
]


@pytest.mark.parametrize(("data", "place", "problem", "fix"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_bytes_that_are_no_table(good, data, place, problem, fix):
    good.write("places.csv", data)
    found = faults(good.folder)
    assert_told(found, place, "", problem, fix)
    assert {f.where.file for f in found} == {"places.csv"}  # what refers to the lost places is not blamed


def test_alias_bomb_is_refused_at_once(good):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{n}: &{n} [{','.join(['*' + o] * 9)}]\n" for o, n in zip("abcdefgh", "bcdefghi", strict=True))
    good.write("case.yaml", bomb)
    assert_told(faults(good.folder), "case.yaml:1", "&a", "anchors and aliases", "value itself")


def test_deep_nesting_is_refused(good):
    good.write("case.yaml", "set: " + "[" * 5000 + "]" * 5000 + "\n")
    assert_told(faults(good.folder), "case.yaml:1", "", "nested", "two levels")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_case_file_that_is_no_mapping(good, text):
    good.write("case.yaml", text)
    assert_told(faults(good.folder), "case.yaml:1", "", "where `key: value` lines are due", "money: MUSD2026")


def test_empty_case_file(good):
    good.write("case.yaml", "")
    assert_told(faults(good.folder), "case.yaml", "", "empty", "content")


# folders


def test_unknown_table_file(good):
    good.write("build/asset.csv", "name\nx\n")
    assert_told(faults(good.folder), "build/asset.csv", "", "'asset' is no table", "Did you mean 'assets'?")


def test_link_in_a_circle(good):
    (good.folder / "build" / "again").symlink_to(good.folder)
    assert_told(faults(good.folder), "build/again", "", "leads back to a folder around it", "Remove the link")


def test_link_to_itself(good):
    (good.folder / "loop").symlink_to(good.folder / "loop")
    assert_told(faults(good.folder), "loop", "", "nowhere or in a circle", "Remove the link")


def test_link_to_nothing(good):
    (good.folder / "limits.csv").symlink_to(good.folder / "gone.csv")
    assert_told(faults(good.folder), "limits.csv", "", "cannot be read", "exists")


def test_link_to_another_folder_is_followed(good, tmp_path):
    (good.folder / "sell").rename(tmp_path / "elsewhere")
    (good.folder / "sell").symlink_to(tmp_path / "elsewhere")
    assert read(good.folder).tables.demands[0].name == "train"


def test_no_such_folder(tmp_path):
    assert_told(faults(tmp_path / "nothing"), str(tmp_path), "nothing", "no such folder", "Check the path")


def test_folder_without_case(tmp_path):
    assert_told(faults(tmp_path), str(tmp_path), "", "no case.yaml", "holds a case.yaml")


def test_unknown_base(good):
    good.edit("case.yaml", "question:", "base: ../othr\nquestion:")
    assert_told(faults(good.folder), "case.yaml:1 base", "../othr", "no such folder", "Check the path")


def test_bases_in_a_circle(good):
    good.edit("case.yaml", "question:", "base: ../next\nquestion:").write("../next/case.yaml", "base: ../small\n")
    told = assert_told(faults(good.folder), "../next/case.yaml:1 base", "", "in a circle", "stand without base")
    assert ". -> ../next -> ." in told.problem


def test_change_from_the_command_line(good):
    assert_told(faults(good.folder, {"assets.hall.capx": "1"}), "--set assets.hall.capx", "assets.hall.capx", "no field", "'capex'")
