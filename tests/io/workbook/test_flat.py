"""Settings flat and back into YAML, comments and all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.io.workbook.flat import flat, rewritten
from tests.conftest import ROOT

TEXT = """\
# why this case
question: Build a hall now, or wait?   # in one sentence
money: MUSD2026
horizon:
  start: 2026Q1
  periods: [8 x quarter, 2 x year]  # long enough
risk: {weight: 0.2, tail: 0.05}
units: {pod: 16 * chip, widget: ""}
set:
  assets.hall.lead_months: 9
  demands.train.volume: "*1.5"
"""
FLAT = {
    "question": "Build a hall now, or wait?",
    "money": "MUSD2026",
    "horizon.start": "2026Q1",
    "horizon.periods": "8 x quarter, 2 x year",
    "risk.weight": "0.2",
    "risk.tail": "0.05",
    "units.pod": "16 * chip",
    "units.widget": "",
    "set.assets.hall.lead_months": "9",
    "set.demands.train.volume": "*1.5",
}


def test_every_setting_has_a_path():
    assert flat(TEXT) == FLAT


@pytest.mark.parametrize("name", sorted(file.parent.name for file in (ROOT / "cases").glob("*/case.yaml")))
def test_a_case_file_that_says_it_already_stays(name):
    text = (ROOT / "cases" / name / "case.yaml").read_text(encoding="utf-8")
    assert rewritten(text, flat(text)) == (text, True)


CHANGES = [
    ("money", "MEUR2025", "money: MEUR2025\n"),
    ("horizon.start", "2027Q1", "start: 2027Q1\n"),
    ("risk.weight", "0.3", "risk: {weight: '0.3', tail: 0.05}"),
    ("units.rig", "8 * chip", "rig: 8 * chip"),
    ("set.assets.hall.capex", "@hall", "assets.hall.capex: '@hall'"),
    ("as_of", "2026-01-01", "as_of: '2026-01-01'"),
]


@pytest.mark.parametrize(("path", "text", "told"), CHANGES, ids=[path for path, _, _ in CHANGES])
def test_a_change_keeps_the_comments(path, text, told):
    made, kept = rewritten(TEXT, FLAT | {path: text})
    assert kept and told in made and flat(made) == FLAT | {path: text}
    assert all(comment in made for comment in ("# why this case", "# in one sentence", "# long enough"))


def test_settings_go():
    made, kept = rewritten(TEXT, {path: text for path, text in FLAT.items() if not path.startswith(("risk", "set.demands"))})
    assert kept and "risk.weight" not in flat(made) and "set.demands.train.volume" not in flat(made) and "# why this case" in made


def test_a_file_that_resists_is_written_anew_and_said_so():
    text = "# why\nrisk:\nmoney: MUSD2026\nquestion: &a x\n"
    made, kept = rewritten(text, {"money": "MUSD2026", "risk.tail": "0.1"})
    assert not kept and flat(made) == {"money": "MUSD2026", "risk.tail": "0.1"}


STRANGE = ["\ufffe", "a\x85b", "a\u2028b", "\ufeffx", "\x7f", "a\nb", "'", '"', "a: b", "# x", "- x", "~", "*a", "\U0001f642", "\\"]


@pytest.mark.parametrize("text", STRANGE)
def test_strange_texts_are_written_and_read(text):
    assert flat(rewritten(None, {"question": text})[0]) == {"question": text} == flat(rewritten(TEXT, {"question": text})[0])


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=20).map(str.strip)
PATHS = st.sampled_from(["name", "question", "money", "horizon.start", "risk.tail", "units.a", "set.assets.hall.capex", "set.a: b.c.d"])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(PATHS, WORDS, max_size=6), st.booleans())
def test_whatever_the_settings_they_are_read_again(wanted, known):
    made, _ = rewritten(TEXT if known else None, wanted)
    assert flat(made) == {path: text for path, text in wanted.items() if text or path.startswith(("units", "set"))}
