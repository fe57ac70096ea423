"""The page as a document: whole, offline, accessible, the same twice, and polite when a run has little to show."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import polars as pl
import pytest

from barbell.plan import Plan
from barbell.report import vega
from barbell.report.page import html, sections, write
from barbell.report.source import Baseline, Source
from barbell.study import plan
from tests.conftest import ROOT
from tests.report import example

VOID = {"meta", "link", "br", "img", "input", "hr", "option"}


class Document(HTMLParser):
    """Elements in order, with their attributes and the text directly in them; raises where tags do not nest."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        assert not self.open, f"{self.open} are never closed"

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "attrs": dict(attrs), "text": "", "inside": [e["tag"] for e in self.open]}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        if self.open:
            self.open[-1]["text"] += data

    def all(self, tag):
        return [e for e in self.elements if e["tag"] == tag]


@pytest.fixture(scope="module")
def text():
    return html(example.source())


@pytest.fixture(scope="module")
def page(text):
    return Document(text)


def test_it_is_small_and_the_same_twice(text):
    assert text == html(example.source()) and len(text.encode()) < 5_000_000


def test_only_the_time_taken_differs_between_two_runs(text):
    other = html(replace(example.source(), seconds=20.5, peak_mb=700.0))
    differing = [(a, b) for a, b in zip(text.splitlines(), other.splitlines(), strict=True) if a != b]
    assert len(differing) == 1 and "20.5 s, 700 MB" in differing[0][1]


def test_nothing_is_fetched(page, text):
    for element in page.elements:
        for name in ("src", "href", "srcset", "poster", "data", "action"):
            assert element["attrs"].get(name, "#").startswith(("#", "data:")), element
    ours = text.replace(vega.terms(), "")
    assert not re.search(r"https?:|@import|url\(|//[a-z]+\.", ours)


def test_headings_are_in_order(page):
    levels = [int(e["tag"][1]) for e in page.elements if re.fullmatch("h[1-6]", e["tag"])]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_ids_are_unique_and_references_lead_somewhere(page):
    ids = [e["attrs"]["id"] for e in page.elements if "id" in e["attrs"]]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby", "for", "href"):
            target = element["attrs"].get(name, "")
            assert not target or target.startswith("data:") or target.lstrip("#") in ids, (element["tag"], target)


def test_landmarks_and_language(page):
    assert page.all("html")[0]["attrs"]["lang"] == "en" and page.all("title")[0]["text"] == "example: Barbell report"
    assert [len(page.all(tag)) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    assert page.all("a")[0]["attrs"]["href"] == "#main"


def test_tables_have_captions_scopes_and_a_box_to_scroll_in(page):
    assert len(page.all("caption")) == len(page.all("table")) == len([e for e in page.elements if e["attrs"].get("class") == "scroll"])
    assert all(e["attrs"].get("scope") in ("col", "row") for e in page.all("th"))
    for box in (e for e in page.elements if e["attrs"].get("class") == "scroll"):
        assert box["attrs"]["tabindex"] == "0" and box["attrs"]["aria-label"]


def test_every_row_of_a_table_is_as_long_as_its_head():
    for section in sections(example.source()):
        for figure in section.figures:
            assert {len(row) for row in figure.grid.rows} == {len(figure.grid.heads)}, figure.name


def test_every_chart_has_words_numbers_and_a_file(page):
    charts = {e["attrs"]["data-chart"]: e for e in page.elements if e["attrs"].get("class") == "chart"}
    drawn = json.loads(next(e for e in page.all("script") if e["attrs"].get("id") == "charts")["text"])["charts"]
    assert set(charts) == set(drawn)
    assert all(e["attrs"]["role"] == "img" and e["attrs"]["aria-label"] for e in charts.values())
    assert {f"figure-{e['attrs']['data-csv']}" for e in page.all("button") if "data-csv" in e["attrs"]} == {
        e["attrs"]["id"] for e in page.all("figure")
    }


def test_exact_numbers_stand_behind_the_shown_ones(text):
    assert re.search(r'<td class="n" data-v="92">92\.?0?</td>', text)


def test_the_contents_follow_the_question():
    assert [section.name for section in sections(example.source())] == [
        "headline", "build", "capex", "ladder", "chips", "demand", "scarcity", "cash", "segment", "sites", "baseline", "nowcast", "cost",
        "assumed", "method",
    ]  # fmt: skip


def test_a_market_in_two_units_has_two_figures():
    source = example.source()
    served = source.tables["served"]
    more = served.filter(served["market"] == "inference").with_columns(unit=pl.lit("Mjob/s"), item=pl.lit("batch"))
    tables = source.tables | {"served": pl.concat([served, more])}
    names = [figure.name for section in sections(replace(source, tables=tables)) for figure in section.figures]
    assert len(names) == len(set(names)) and len(names) == len([f for s in sections(source) for f in s.figures]) + 1


def test_the_warning_stands_once(text):
    assert text.count("Not investment advice.") == 1


def test_names_from_a_case_are_text_and_not_markup():
    case = replace(example.source().case, name="<b>x</b>", question="</script><script>alert(1)</script>")
    text = html(replace(example.source(), case=case))
    assert "<b>x" not in text and "alert(1)</script>" not in text and "&lt;b&gt;x" in text


def test_names_in_charts_cannot_end_the_script():
    from barbell.report.page import _inside

    assert json.loads(_inside(json.dumps({"a": "</script>"}))) == {"a": "</script>"} and "<" not in _inside('{"a": "</script>"}')


def test_write_gives_the_path_and_plain_line_ends(tmp_path):
    path = write(example.source(), tmp_path / "report.html")
    assert path == tmp_path / "report.html" and b"\r" not in path.read_bytes()


def test_the_library_is_asked_for_once_and_keeps_to_itself():
    vega.fetch().join()
    assert vega.script() is vega.script() and "</script" not in vega.script()
    assert vega.script().startswith("/*\nVega: Copyright") and "THIS SOFTWARE IS PROVIDED" in vega.script() and vega.script().endswith("})();")
    assert re.fullmatch(r"Vega \d[\d.]*, Vega-Lite \d[\d.]*", vega.versions())


def bare(found: Plan) -> Source:
    """A run that has nothing but a plan."""
    return Source(found.case, found.value, found.parts, found.status, found.tables)


@pytest.fixture(scope="module", params=["toy", "toy-tree"])
def small(request):
    return bare(plan(ROOT / "cases" / request.param))


def test_a_run_without_statements_still_has_a_page(small):
    found = {section.name: section for section in sections(small)}
    assert "nowcast" not in found and "cost" not in found
    for name in ("capex", "cash", "segment", "baseline", "assumed"):
        assert found[name].figures == () and found[name].sentences
    for name in ("ladder", "chips", "demand", "scarcity", "sites", "method"):
        assert found[name].figures or found[name].sentences, name
    Document(html(small))


def test_the_toy_by_hand():
    """Numbers of the pencil-and-paper page of the toy, docs/guide/toy.md."""
    found = {f.name: f for section in sections(bare(plan(ROOT / "cases" / "toy"))) for f in section.figures}
    assert found["demand-inference"].message.startswith("inference: 33")
    assert [cell.value for cell in found["ladder"].grid.rows[-1][1:]] == pytest.approx([5.0, 7.5])
    assert [cell.value for cell in found["chips"].grid.rows[0][1:]] == pytest.approx([4.0, 6.0])
    assert "limit grid" in found["prices"].message
    assert found["ladder"].spec["data"]["values"][-1]["value"] == 7.5 and found["ladder"].message.startswith("By 2027 7.5")


def test_a_run_of_nothing_says_so():
    source = example.source()
    empty = {name: frame.clear() for name, frame in source.tables.items()}
    nothing = Source(source.case, 0.0, {}, source.status, empty)
    text = html(nothing)
    Document(text)
    assert "Nothing is ordered." in text and "Nothing is scarce." in text


def test_a_greedy_plan_that_is_as_good_is_said_to_be():
    source = example.source()
    equal = replace(source, greedy=Baseline(source.value, source.parts))
    messages = [figure.message for section in sections(equal) for figure in section.figures]
    assert "Greedy is as good as the plan here" in messages and not any("Optimising adds" in message for message in messages)
