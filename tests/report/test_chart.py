"""Specifications: fields that exist, axes with titles and units, colours that the theme knows."""

import re
from itertools import pairwise

import pytest

from barbell.report import chart, theme
from barbell.report.page import sections
from barbell.report.sections import power, silicon
from tests.report import example, powered

FIGURES = {
    figure.name: figure
    for section in (*sections(example.source()), power.section(powered.source()), silicon.section(powered.cloud()))
    for figure in section.figures
}
CHARTS = {name: figure for name, figure in FIGURES.items() if figure.spec}


def layers(spec):
    return spec.get("layer", [spec])


def encodings(spec):
    for layer in layers(spec):
        yield from layer["encoding"].items()


def fields(value):
    """Every field that an encoding names, wherever it stands."""
    if isinstance(value, dict):
        found = [value["field"]] if "field" in value else []
        return found + [name for part in value.values() for name in fields(part)]
    return [name for part in value for name in fields(part)] if isinstance(value, list) else []


def made(layer):
    named = [step["as"] for step in layer.get("transform", []) if "as" in step]
    return [name for one in named for name in ([one] if isinstance(one, str) else one)]


@pytest.mark.parametrize("name", CHARTS)
def test_every_field_is_in_the_rows(name):
    spec = CHARTS[name].spec
    rows = spec["data"]["values"]
    assert rows
    for layer in layers(spec):
        own = layer.get("data", {}).get("values", rows)
        there = {key for row in own for key in row} | set(made(layer))
        assert set(fields(layer["encoding"])) <= there


@pytest.mark.parametrize("name", CHARTS)
def test_every_axis_has_a_title_and_amounts_a_unit(name):
    titled = set()
    for channel, encoding in encodings(CHARTS[name].spec):
        if channel in ("x", "y") and "axis" in encoding:
            title = encoding["axis"]["title"]
            assert title
            assert encoding["type"] != "quantitative" or re.search(r"\(\S.*\)$", title), f"{title} has no unit"
            titled.add(channel)
    assert titled == {"x", "y"}


@pytest.mark.parametrize("name", CHARTS)
def test_every_mark_tells_its_amount(name):
    for layer in layers(CHARTS[name].spec):
        mark = layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"]
        assert "tooltip" in layer["encoding"] or mark == "text"


@pytest.mark.parametrize("name", CHARTS)
def test_every_colour_is_one_of_the_theme(name):
    used = set(re.findall(r"var\(--(\w+)\)", str(CHARTS[name].spec)))
    assert used <= set(theme.colours("light")) and "#" not in str(CHARTS[name].spec)
    assert all(key.colour in theme.colours("light") for key in CHARTS[name].keys)


@pytest.mark.parametrize("name", CHARTS)
def test_every_colour_of_a_scale_is_explained(name):
    """By a key, by labels at the lines or numbers in the tiles; sums, gains and losses of the bridge by where they stand."""
    spec = CHARTS[name].spec
    ranges = {r for _, e in encodings(spec) if isinstance(e, dict) for r in (e.get("scale") or {}).get("range", []) if isinstance(r, str)}
    written = any((layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"]) == "text" for layer in layers(spec))
    assert written or {f"var(--{key.colour})" for key in CHARTS[name].keys} >= ranges


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_described(name):
    figure = CHARTS[name]
    assert figure.message and figure.description.endswith(".") and figure.grid.rows


def contrast(one, other):
    """Contrast of two colours (WCAG 2.2, relative luminance)."""

    def light(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_stand_out(mode):
    c = theme.colours(mode)
    assert all(contrast(c[f"c{n}"], c["ground"]) >= 3 for n in range(1, theme.SERIES + 1))
    assert contrast(c["ink"], c["ground"]) >= 7 and contrast(c["quiet"], c["ground"]) >= 4.5 and contrast(c["c1"], c["ground"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_numbers_in_tiles_can_be_read(mode):
    c = theme.colours(mode)
    for step in range(theme.STEPS):
        assert contrast(c["ink1" if step >= 4 else "ink0"], c[f"h{step}"]) >= 4.5, step


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_steps_go_one_way(mode):
    c = theme.colours(mode)
    away = [contrast(c[f"h{n}"], c["ground"]) for n in range(theme.STEPS)]
    assert away == sorted(away)


def test_edges_are_even_and_nothing_has_its_own():
    assert chart.edges([0.0, 12.0]) == [pytest.approx(12e-6), 2.0, 4.0, 6.0, 8.0, 10.0]
    assert chart.edges([]) == [pytest.approx(1e-6), *chart.edges([1.0])[1:]]
    assert len(chart.scale(chart.edges([12.0]), "MW")) == theme.STEPS


def test_labels_at_the_ends_do_not_cover_each_other():
    rows = [{"period": "b", "series": name, "value": value} for name, value in (("x", 10.0), ("y", 9.9), ("z", 9.8))]
    placed = [row["at"] for row in chart.ends(rows, "b", ["x", "y", "z"], 300)["data"]["values"]]
    assert min(b - a for a, b in pairwise(placed)) * 300 / 10 >= 14.9


def test_what_was_reported_is_grey_and_others_are_told_from_it():
    assert [key.colour for key in chart.keys(["a", chart.OTHERS])] == ["c1", "c8"]
    assert [key.colour for key in chart.keys(["a", chart.OTHERS, chart.REPORTED])] == ["c1", "c7", "c8"]


@pytest.mark.parametrize("name", CHARTS)
def test_no_two_keys_look_alike(name):
    looks = [(key.colour, key.shape) for key in CHARTS[name].keys]
    assert len(looks) == len(set(looks))


def test_a_picture_outside_a_page_has_colours_of_its_own():
    assert "var(" not in str(theme.config("dark")) and "var(" in str(theme.config())
