"""Files that are wrong: each says what and where, and nothing of them is imported."""

import json
import os

import pytest

from barbell.core.errors import FactError
from barbell.facts import disclosure
from barbell.facts.companyfacts import companyfacts
from barbell.facts.disclosure import disclosures
from tests.facts.filings import AMAZON, OCF, document, filing, saved

CONCEPT = f"us-gaap:{OCF}"
GOOD = filing("2031-03-31", 10, "2031-01-01")


def everything(_concept):
    return True


def spoilt(**changes):
    """A sound file with one figure beside a spoilt one."""
    cells = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    return document({OCF: [GOOD, cells]})


def test_a_file_is_read_with_its_fields_in_any_order(tmp_path):
    content = document({OCF: [dict(reversed(GOOD.items()))]})
    path = saved(tmp_path, dict(reversed(content.items())) | {"more": [{"deep": [1, {}]}, None]})
    found = disclosures(path, everything)
    (one,) = found.disclosures
    assert (found.cik, found.company, one.concept, one.unit) == (AMAZON, "MADE UP", CONCEPT, "USD")
    assert (str(one.start), str(one.end), one.value, one.form, one.foreign) == ("2031-01-01", "2031-03-31", 10_000_000, "10-Q", ())


def test_tags_that_are_not_wanted_are_passed_over_whatever_is_in_them(tmp_path):
    content = document({OCF: [GOOD], "Goodwill": [{"val": "much", "deep": [[{}]]}, 3], "Odd": [None]})
    found = disclosures(saved(tmp_path, content), CONCEPT.__eq__)
    assert len(found.disclosures) == 1 and found.passed == 2


def test_a_tag_without_units_and_an_empty_list_are_nothing(tmp_path):
    content = document({OCF: []}, dei={"Shares": {"label": None, "description": "words"}})
    assert disclosures(saved(tmp_path, content), everything).disclosures == []


def test_the_mark_of_an_editor_is_no_fault(tmp_path):
    path = tmp_path / "CIK.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(document({OCF: [GOOD]})).encode())
    assert len(disclosures(path, everything).disclosures) == 1


NO_JSON = ("", " ", "{", '{"cik": NaN}', '{"cik": 1018724, "facts": {"us-gaap": {', "{'cik': 1}", "PK\x03\x04", "<html>", "nul")
NOT_QUITE = ('{"cik": 1} {"cik": 2}', '{"cik": 1018724,}', '{"cik": 01}', '{"a": -Infinity}')


@pytest.mark.parametrize("text", [*NO_JSON, *NOT_QUITE])
def test_what_is_no_json(tmp_path, text):
    with pytest.raises(FactError, match=r"^CIK\.json is not JSON: .+\. Download the file again from data\.sec\.gov$") as caught:
        disclosures(saved(tmp_path, text), everything)
    assert "\n" not in str(caught.value)


def test_not_a_number_in_a_figure_is_no_json(tmp_path):
    text = json.dumps(spoilt(val=float("nan")))
    assert "NaN" in text
    with pytest.raises(FactError, match="is not JSON"):
        companyfacts(saved(tmp_path, text))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "CIK.json"
    path.write_bytes(b'{"cik": 1018724, "entityName": "\xff"}')
    with pytest.raises(FactError, match=r"is not JSON: .*UTF"):
        disclosures(path, everything)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[]", "the file: not an object"),
        ("3", "the file: not an object"),
        ('{"cik": 1018724, "facts": []}', "facts: not an object"),
        ('{"cik": 1018724, "facts": {"us-gaap": 3}}', "facts.us-gaap: not an object"),
        ('{"cik": 1018724, "facts": {"us-gaap": {"Assets": []}}}', "facts.us-gaap.Assets: not an object"),
        ('{"cik": 1018724, "facts": {"us-gaap": {"Assets": {"units": []}}}}', "facts.us-gaap.Assets.units: not an object"),
        ('{"cik": 1018724, "facts": {"us-gaap": {"Assets": {"units": {"USD": {}}}}}}', "facts.us-gaap.Assets.units.USD: not a list"),
        ('{"cik": 1018724, "facts": {"us-gaap": {"Assets": {"units": {"USD": [7]}}}}}', r"facts.us-gaap.Assets.units.USD\[0\]: not an object"),
        ("{}", "has no 'cik'"),
        ('{"cik": null}', "cik: '' is not the number"),
        ('{"cik": "AMZN"}', "cik: 'AMZN' is not the number"),
        ('{"cik": 1.5}', "cik: '1.5' is not the number"),
        ('{"cik": true}', "cik: 'True' is not the number"),
    ],
)
def test_another_shape(tmp_path, text, place):
    with pytest.raises(FactError, match=place):
        disclosures(saved(tmp_path, text), everything)


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"val": "10"}, "val", "'10' not a number"),
        ({"val": None}, "val", "not a number"),
        ({"val": True}, "val", "'True' not a number"),
        ({"val": [10]}, "val", "not a number"),
        ({"val": ...}, "val", "missing"),
        ({"val": 10**18}, "val", "out of any reason"),
        ({"val": 1e-20}, "val", "out of any reason"),
        ({"end": ...}, "end", "not a day"),
        ({"end": None}, "end", "not a day"),
        ({"end": "2031-02-30"}, "end", "'2031-02-30' not a day"),
        ({"end": "20310331"}, "end", "not a day"),
        ({"end": 2031}, "end", "not a day"),
        ({"start": "January"}, "start", "'January' not a day"),
        ({"filed": ...}, "filed", "not a day"),
        ({"accn": "18724"}, "accn", "'18724' not an accession number"),
        ({"accn": None}, "accn", "not an accession number"),
        ({"form": ""}, "form", "not the name of a form"),
        ({"form": "10-Q\ud800"}, "form", "not the name of a form"),
        ({"form": 10}, "form", "not the name of a form"),
    ],
)
def test_wrong_types_name_the_place(tmp_path, changes, field, problem):
    with pytest.raises(FactError) as caught:
        companyfacts(saved(tmp_path, spoilt(**changes)))
    assert f"CIK.json facts.us-gaap.{OCF}.units.USD[1].{field}:" in str(caught.value)
    assert problem in str(caught.value) and "nothing was imported" in str(caught.value)
    assert [fault.where.field.rsplit(".", 1)[1] for fault in caught.value.faults] == [field]


def test_a_huge_exponent_is_refused_at_once(tmp_path):
    text = json.dumps(spoilt(val=77)).replace("77", "1e999999999")
    with pytest.raises(FactError, match="out of any reason"):
        companyfacts(saved(tmp_path, text))


def test_a_number_of_thousands_of_digits(tmp_path):
    text = json.dumps(spoilt(val=77)).replace("77", "9" * 5000)
    with pytest.raises(FactError, match="has a number that is none"):
        companyfacts(saved(tmp_path, text))


def test_every_fault_is_told_at_once(tmp_path):
    content = document({OCF: [{"val": "x"}, GOOD, {**GOOD, "end": "soon"}], "Assets": [{**GOOD, "form": None}]})
    with pytest.raises(FactError) as caught:
        companyfacts(saved(tmp_path, content))
    assert str(caught.value).startswith("7 faults in CIK.json") and len(caught.value.faults) == 7
    many = document({OCF: [{**GOOD, "val": None}] * 50})
    with pytest.raises(FactError, match=r"50 faults(.|\n)*and 30 more"):
        companyfacts(saved(tmp_path, many))


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    """500 MB that take no room on the disk."""
    path = tmp_path / "companyfacts.json"
    path.touch()
    os.truncate(path, 500 * 10**6)
    with pytest.raises(FactError, match="has 476 MiB, more than 256"):
        companyfacts(path)


def test_more_figures_than_any_company_has(tmp_path, monkeypatch):
    monkeypatch.setattr(disclosure, "MOST_KEPT", 3)
    with pytest.raises(FactError, match="more than 3 figures under tags of the table"):
        companyfacts(saved(tmp_path, document({OCF: [GOOD] * 4})))


@pytest.mark.parametrize("filler", ["a", " ", "7"])
def test_a_word_without_end_is_not_gathered(tmp_path, filler):
    quote = '"' if filler == "a" else ""
    with pytest.raises(FactError, match="more than 1 MiB without a name or a word"):
        companyfacts(saved(tmp_path, f'{{"cik": {quote}{filler * 1_200_000}{quote}}}'))


def test_deep_nesting_is_passed_over(tmp_path):
    deep = "[" * 50_000 + "]" * 50_000
    text = json.dumps(document({OCF: [GOOD]})).replace('"MADE UP"', f'"MADE UP", "deep": {deep}')
    assert len(companyfacts(saved(tmp_path, text)).figures) == 1


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_there_must_be_a_file(tmp_path, name):
    with pytest.raises(FactError, match="there is no such file"):
        companyfacts(tmp_path / name)


def test_the_parser_without_its_fast_half_reads_the_same(tmp_path, monkeypatch):
    import ijson

    path = saved(tmp_path, document({OCF: [GOOD, {**GOOD, "val": 1.25}]}))
    fast = disclosures(path, everything)
    monkeypatch.setattr(ijson, "basic_parse", ijson.get_backend("python").basic_parse)
    assert disclosures(path, everything) == fast
    with pytest.raises(FactError, match="is not JSON: Unexpected symbol"):
        disclosures(saved(tmp_path, '{"cik": NaN}'), everything)
