"""Facts by words."""

import pytest

from barbell.core.errors import FactError
from barbell.facts import find


def test_all_words_must_occur_somewhere():
    names = [row.name for row in find(["aws", "revenue", "2025Q4"])]
    assert names[0] == "amzn-aws-revenue-2025Q4"
    assert {"amzn-aws-revenue-2025Q4", "amzn-aws-revenue_consensus-2025Q4"} <= set(names)
    assert "amzn-aws-revenue-2025Q3" not in names


def test_case_and_marks_do_not_matter():
    names = [row.name for row in find(["useful", "LIFE"])]
    assert names == [row.name for row in find(["useful-life"])] == [row.name for row in find(["Useful life"])]
    assert "chip-h100-dense_fp8" in [row.name for row in find(["dense", "FP8", "h100"])]


def test_notes_and_sources_are_searched():
    assert "leo-licence-shell_590" in [row.name for row in find(["inclination", "33.0"])]
    assert all("Electricity Maps" in row.source for row in find(["electricity maps"])) and len(find(["electricity maps"])) > 40


def test_each_fact_stands_once_in_the_version_of_the_day():
    (now,) = (row for row in find(["capex guide 2026", "amzn"]) if row.name == "amzn-capex_guide-2026")
    (then,) = (row for row in find(["capex guide 2026", "amzn"], "2026-02-10") if row.name == "amzn-capex_guide-2026")
    assert (now.value, then.value) == ("220000", "200000")
    assert "amzn-capex_guide-2026" not in [row.name for row in find(["capex guide 2026", "amzn"], "2026-01-31")]


def test_nothing_found_is_empty_and_no_word_is_an_error():
    assert find(["zebra"]) == ()
    for words in ([], [""], ["--"]):
        with pytest.raises(FactError, match="No words to look for"):
            find(words)
    with pytest.raises(FactError, match="not a day"):
        find(["aws"], "soon")
