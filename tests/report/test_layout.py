"""Numbers and tables: never cut, never rounded to nothing, as wide as the terminal."""

import io
import math

import pytest

from barbell.report.layout import Page, aligned, matrix, number, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "-"), (-1e-12, "-"), (0.00012345, "0.0001234"), (2.5, "2.5"), (-33.594, "-33.59"), (999.96, "1000"), (1234.5, "1,234"),
        (12_345_678.0, "12,345,678"), (1.5e15, "1.5e+15"), (math.nan, ""), (math.inf, "none"), (-math.inf, "-none"),
    ],
)  # fmt: skip
def test_number(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([2.5, 0.0], ["2.5", "-"]),
        ([5.0, 7.5], ["5.0", "7.5"]),
        ([-32.4, 122.66], ["-32.4", "122.7"]),
        ([140.0, 220.0], ["140", "220"]),
        ([0.001, 1000.0], ["0.001", "1,000"]),
        ([math.nan, 3.0], ["", "3"]),
        ([1e12, 1.0], ["1e+12", "1"]),
        ([0.0, math.nan], ["-", ""]),
        ([math.inf, 1.25], ["none", "1.25"]),
    ],
)
def test_aligned(values, texts):
    assert aligned(values) == texts


def drawn(width, draw):
    text = io.StringIO()
    draw(Page(file=text, width=width, highlight=False))
    return text.getvalue()


PERIODS = [f"20{year}Q{quarter}" for year in range(26, 34) for quarter in (1, 2, 3, 4)]
AMOUNTS = {("hall@va", "MW"): [1000.0 + n for n in range(32)], ("chip@va", "kchip"): [n + 0.25 for n in range(32)]}


@pytest.mark.parametrize("width", [20, 40, 60, 80, 140, 1000])
def test_a_matrix_of_any_width_shows_every_number(width):
    text = drawn(width, lambda console: matrix(console, "Fleet", ("what", "unit"), PERIODS, AMOUNTS))
    tokens = text.split()
    for texts in map(aligned, AMOUNTS.values()):
        assert not set(texts) - set(tokens)
    assert not set(PERIODS) - set(tokens)
    assert width < 40 or max(map(len, text.splitlines())) <= width


def test_a_wide_terminal_needs_one_part():
    text = drawn(1000, lambda console: matrix(console, "Fleet", ("what", "unit"), PERIODS, AMOUNTS))
    assert "continued" not in text and len(text.splitlines()) == 5


def test_rows_and_parts_of_nothing_are_left_out():
    late = {("hall@va",): [0.0] * 31 + [2.0]}
    text = drawn(60, lambda console: matrix(console, "Decisions", ("what",), PERIODS, late))
    assert text.count("Decisions") == 1 and "2033Q4" in text and "2026Q1" not in text


def test_a_narrow_terminal_lists_rows():
    heads, rows = ("what", "unit", "price"), [("capacity accelerators@virginia", "MUSD2026/kchip", "12,345,678")]
    text = drawn(24, lambda console: table(console, "", heads, rows, words=2))
    assert "accelerators@virginia" in text and "12,345,678" in text and "price" in text


@pytest.mark.parametrize("width", range(50, 90))
def test_no_cell_is_cut_at_any_width(width):
    """What fits just so is not cropped; words break at blanks, one that lacks little before one that lacks much."""
    heads = ("what binds", "dearest in", "unit", "price times amount")
    rows = [("capacity accelerators@virginia", "2027", "MUSD2026/MW", "12.06")]
    text = drawn(width, lambda console: table(console, "", heads, rows, words=3))
    tokens = " ".join(text.split())
    for token in ("accelerators@virginia", "MUSD2026/MW", "price times amount", "12.06", "dearest"):
        assert token in tokens
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width


def test_empty_columns_of_numbers_are_left_out():
    text = drawn(80, lambda console: table(console, "", ("what", "price", "range"), [("a", "1", ""), ("b", "2", "")], words=1))
    assert "range" not in text and "price" in text


def test_markup_in_names_is_text():
    text = drawn(80, lambda console: table(console, "[red]t[/]", ("[b]h[/]",), [("[link]x[/]",)], words=1))
    assert "[red]t[/]" in text and "[b]h[/]" in text and "[link]x[/]" in text
