"""The short summary: the numbers of the page, by year, in a terminal of any width."""

import io

import pytest

from barbell.report.layout import Page
from barbell.report.source import Source
from barbell.report.terminal import summary
from tests.report import example


def printed(source, width=140):
    text = io.StringIO()
    summary(Page(file=text, width=width, highlight=False), source)
    return text.getvalue()


def line(text, *words):
    """Numbers of the row that begins with these words."""
    found = next(row.split() for row in text.splitlines() if row.split()[: len(words)] == list(words))
    return [float(number.replace(",", "")) if number != "-" else 0.0 for number in found[len(words) :]]


def test_every_part_is_there():
    text = printed(example.source())
    for part in ("What does an envelope", "Value 412.3 USD bn of 2026", "Capex by class", "MW", "chips", "Demand", "Free cash flow", "what binds"):
        assert part in text


def test_numbers_by_year():
    source, text = example.source(), printed(example.source())
    free = source.years.filter((source.years["line"] == "free cash flow") & (source.years["scope"] == "consolidated"))["value"].to_list()[:5]
    assert line(text, "base") == pytest.approx([value / 1000 for value in free], abs=0.06)
    assert line(text, "envelope") == [200, 215, 225, 230, 235] and line(text, "all")[0] == pytest.approx(198.5)
    assert line(text, "satellites") == [4.0] * 5


def test_capex_adds_up_and_committed_is_part_of_it():
    text = printed(example.source())
    names = ("chip", "server", "rack", "hall", "building", "satellites", "robots")
    classes = [line(text, name) for name in names] + [line(text, "not", "depreciated")]
    committed = line(text, "of", "it", "committed")
    for year, whole in enumerate(line(text, "all")):
        assert sum(row[year] for row in classes) == pytest.approx(whole, abs=0.3) and committed[year] <= whole


def test_demand_is_the_mean_of_the_year():
    served = example.source().tables["served"].filter(example.source().tables["served"]["market"] == "inference")
    first = served.filter(served["period"].str.starts_with("2026"))["served"].mean()
    assert line(printed(example.source()), "inference", "served", "Mtok/s")[0] == pytest.approx(first, rel=1e-3)


@pytest.mark.parametrize("width", [60, 90, 200])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(len(row) for row in printed(example.source(), width).splitlines()) <= width


def test_a_run_of_nothing_is_short():
    source = example.source()
    empty = {name: frame.clear() for name, frame in source.tables.items()}
    text = printed(Source(source.case, 0.0, {}, source.status, empty))
    assert "Nothing is scarce." in text and "Capex" not in text and len(text.splitlines()) < 6
