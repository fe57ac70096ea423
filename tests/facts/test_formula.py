"""The language of formulas: what it reads, what that comes to with units, and how it refuses."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barbell.core.units import UnitError, base
from barbell.facts import fact, figures
from barbell.facts.formula import Call, Chain, Day, FormulaError, Line, Named, Number, Series, lines, parse
from barbell.facts.quantity import Quantity
from barbell.facts.reckon import Desk

GUIDE = "amzn-capex_guide-2026"
GDP = "'*-economy-gdp_nominal-2023'"


def worth(text, unit="1", **desk):
    """What a formula comes to, counted in `unit`."""
    return Desk(**desk).value(parse(text)).counted_in(unit)


def told(text, **desk):
    """What is said of a formula that is wrong."""
    with pytest.raises(FormulaError) as raised:
        Desk(**desk).value(parse(text))
    return raised.value


@st.composite
def sums(draw, depth=3):
    """(Text, worth) of random arithmetic over whole numbers, small enough for floating-point numbers to be exact."""
    if depth == 0 or draw(st.booleans()):
        number = draw(st.integers(0, 50))
        return str(number), number
    kind = draw(st.sampled_from(("+", "-", "*", "()", "neg", "abs", "min", "max", "sum")))
    left, one = draw(sums(depth=depth - 1))
    if kind in ("()", "neg", "abs"):
        sign, value = {"()": ("", one), "neg": ("-", -one), "abs": ("abs", abs(one))}[kind]
        return f"{sign}({left})", value
    right, two = draw(sums(depth=depth - 1))
    if kind in ("min", "max", "sum"):
        return f"{kind}({left}, {right})", {"min": min(one, two), "max": max(one, two), "sum": one + two}[kind]
    blank = draw(st.sampled_from(("", " ", "  ")))
    return f"({left}){blank}{kind}{blank}({right})", {"+": one + two, "-": one - two, "*": one * two}[kind]


@settings(deadline=None)
@given(sums())
def test_arithmetic_is_exact(made):
    text, value = made
    assert worth(text) == value


@settings(deadline=None)
@given(sums(), sums())
def test_quotients_are_exact_or_refused(above, below):
    text = f"({above[0]}) / ({below[0]})"
    if below[1]:
        assert worth(text) == above[1] / below[1]
    else:
        assert "division by zero" in told(text).problem


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("+-"), st.integers(0, 999)), min_size=1, max_size=200))
def test_long_sums_go_from_left_to_right(parts):
    text = "".join(f" {sign} {number}" for sign, number in parts)
    assert worth(f"0{text}") == sum(number if sign == "+" else -number for sign, number in parts)


@settings(deadline=None)
@given(st.text(alphabet="ab1.-+*/()[]<>,@'{} ", max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text):
    error = None
    try:
        parse(text)
    except FormulaError as raised:
        error = raised
    assert error is None or (1 <= error.at <= len(text) + 1 and error.problem and error.fix)


@settings(deadline=None)
@given(st.sampled_from(sorted({f.name for f in figures()})))
def test_every_name_of_the_store_is_one_name(name):
    assert parse(name) == Named(name, at=1)
    assert parse(f"({name} - {name}.low@2026-07-30)") == Chain(
        "+", ((1, Named(name, at=2)), (-1, Named(name, "low", "2026-07-30", at=len(name) + 5))), 2
    )


def test_what_is_read():
    assert parse("2") == Number(2.0, at=1)
    assert parse("2.5{GUSD2025}") == Number(2.5, "GUSD2025", at=1)
    assert parse("2026-02-05") == Day(date(2026, 2, 5), at=1)
    assert parse("[C04a]") == Line("C04a", at=1)
    assert parse("'a-*'@2026-01-01") == Series("a-*", "2026-01-01", at=1)
    assert parse("count('a*' < 3)") == Call("count", (Series("a*", at=7),), "<", Number(3.0, at=14), at=1)
    assert [line.id for line in lines(parse("[a] + sum([b], -[c]) / count('x*' > [d])"))] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 - 2 - 3", -4), ("8 / 4 / 2", 1), ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("--3", 3), ("2 * -3", -6), ("- 2 + 5", 3),
        ("1e3 + .5", 1000.5), ("5-3", 2), ("abs(3 - 5)", 2), ("min(3, 1, 2)", 1), ("max(3, 1, 2)", 3), ("sum(1, 2, 3)", 6), ("count(7)", 1),
    ],
)  # fmt: skip
def test_arithmetic_by_hand(text, value):
    assert worth(text) == pytest.approx(value)


def test_a_fact_is_read_as_of_the_day_unless_one_is_named():
    assert worth(GUIDE, "GUSD2026", day="2026-02-10") == pytest.approx(200)
    assert worth(GUIDE, "GUSD2026", day="2026-08-01") == pytest.approx(220)
    assert worth(f"{GUIDE}@2026-07-30", "GUSD2026", day="2026-02-10") == pytest.approx(220)
    assert worth("googl-capex_guide-2026.high - googl-capex_guide-2026.low", "GUSD2026", day="2026-02-10") == pytest.approx(10)


def test_what_was_read_is_kept():
    desk = Desk("2026-02-10")
    desk.value(parse(f"{GUIDE} + 2 * {GUIDE}@2026-07-30"))
    assert [(f.name, f.as_of) for f in desk.read] == [(GUIDE, "2026-02-05"), (GUIDE, "2026-07-30")]


def test_days_can_be_told_apart():
    assert worth(f"since({GUIDE}) - 2026-01-01", "day") == pytest.approx(35)
    assert worth("(2026-02-08 - 2026-02-01) * 2", "week") == pytest.approx(2)
    first = min(f.as_of for f in figures() if f.name == "msft-capex_guide-2026")
    assert worth(f"since(msft-capex_guide-2026) - {first}", "day", day="2020-01-01") == 0


def test_a_series_is_counted_and_summed():
    names = [f for f in figures() if "-economy-gdp_nominal-2023" in f.name]
    assert worth(f"count({GDP})") == len(names) > 3
    below = sum(f.number < 150_000 for f in names)
    assert worth(f"count({GDP} < 150{{GUSD2023}})") == below > 0
    assert worth(f"count({GDP} > 150{{GUSD2023}})") == len(names) - below
    assert worth(f"max({GDP})", "MUSD2023") == pytest.approx(max(f.number for f in names))
    quarters = sum(float(fact(f"amzn-aws-revenue-2025Q{q}").value) for q in (1, 2, 3, 4))
    assert worth("sum('amzn-aws-revenue-2025Q*')", "MUSD2025") == pytest.approx(quarters)


def test_money_of_two_years_is_never_mixed_unawares():
    text = "amzn-aws-revenue-2025Q4 / amzn-aws-revenue-2024Q4 - 1"
    wrong = told(text)
    assert "USD2025/USD2024" in wrong.problem and "nominal" in wrong.fix and wrong.at == len(text)
    assert worth("nominal(amzn-aws-revenue-2025Q4) / nominal(amzn-aws-revenue-2024Q4) - 1", "%") == pytest.approx(23.6, abs=0.05)
    assert worth("nominal(3{GUSD2024} / 2{MW}) * 4{MW}", "GUSD") == pytest.approx(6)
    with pytest.raises(UnitError, match="does not fit"):
        Quantity.of(1, "GUSD2024").counted_in("GUSD")
    with pytest.raises(UnitError, match="does not fit"):
        Quantity.of(1, "EUR2024").nominal.counted_in("USD")


@settings(deadline=None)
@given(st.floats(1e-6, 1e6), st.sampled_from([("GW", "MW", 1e3), ("GUSD2026", "MUSD2026", 1e3), ("year", "month", 12), ("1", "%", 100)]))
def test_units_convert(value, units):
    have, want, factor = units
    assert Quantity.of(value, have).counted_in(want) == pytest.approx(value * factor)
    assert Quantity.of(value, have).times(Quantity.of(2, "MW"), -1).times(Quantity.of(2, "MW")).counted_in(have) == pytest.approx(value)


def test_units_are_spelt_for_readers():
    assert Quantity.of(3, "GUSD2026/MW").unit == "USD2026/W"
    assert Quantity.of(3, "kUSD").unit == "USD" and Quantity(3).unit == "1"
    assert Quantity.of(3, "m").times(Quantity.of(2, "m")).unit == "m**2"
    assert base("GUSD2026/MW") == (pytest.approx(1000.0), (("USD2026", 1.0), ("W", -1.0)))


@pytest.mark.parametrize(
    ("text", "at", "problem", "fix"),
    [
        ("", 1, "ends too early", "Write a fact"),
        ("1 +", 4, "ends too early", "Write a fact"),
        ("(1", 3, "ends too early", "Write )"),
        ("1 2", 3, "'2' is left over", "operator"),
        ("1 + ) ", 5, "')' stands where a value is wanted", "bracket"),
        ("1 ; 2", 3, "';' means nothing here", "Use names"),
        ("1e999", 1, "too large", "smaller"),
        ("sin(1)", 1, "no function 'sin'", "Did you mean 'since'"),
        ("abs(1, 2)", 1, "takes one value, not 2", "around each"),
        ("since(3)", 1, "one fact", "since(NAME)"),
        ("min(1 < 2)", 7, "bracket should close", "Write )"),
        ("count(1 < 2, 3)", 1, "compares one series", "count('series' < value)"),
        ("a.middle", 3, "no end of a range", ".low or .high"),
        ("a@tomorrow", 3, "not a day", "@2026-07-30"),
        ("1 + a@2026-02-30", 7, "'2026-02-30' is not a day", "YYYY-MM-DD"),
        ("2026-13-01 - 1", 1, "not a day", "YYYY-MM-DD"),
        ("1 / (2 - 2)", 6, "division by zero", "cannot be nothing"),
        ("1{MW} + 1{GUSD2026}", 9, "'W' does not fit 'USD2026'", "one kind"),
        ("max(1{MW}, 1)", 1, "'W'", "one kind"),
        ("1{furlong}", 1, "unknown unit", "known unit"),
        ("1 + [x]", 5, "no line 'x'", "no lines yet"),
        ("1e200 * 1e200", 9, "beyond all numbers", "smaller"),
        ("2 * amzn-aws-revenu-2025Q4", 5, "no fact 'amzn-aws-revenu-2025Q4'", "'amzn-aws-revenue-2025Q4'"),
        (f"{GUIDE}-1", 1, f"no fact '{GUIDE}-1'", "blanks around"),
        ("1 + 'amzn-nothing-*'", 5, "no fact fits", "Did you mean"),
        (f"1{{MUSD2023}} + {GDP}", 15, "facts where one value is wanted", "sum, min, max or count"),
        (f"abs({GDP})", 1, "takes one value", "one fact"),
        (f"{GUIDE}.low", 1, "has no low end", "Use a fact that has one"),
        ("demand-train-volume", 1, "no single number", "Use a fact that has one"),
    ],
)
def test_what_is_wrong_is_told_with_place_and_fix(text, at, problem, fix):
    error = told(text)
    assert problem in error.problem and fix in error.fix and error.at == at


def test_a_fact_not_known_yet_says_since_when():
    error = told("amzn-aws-revenue-2026Q2", day="2026-02-10")
    assert "not known on 2026-02-10, only from 2026-07-30" in error.problem and "amzn-aws-revenue-2026Q2@2026-07-30" in error.fix


def test_formulas_are_never_run_as_programs():
    for text in ("__import__('os')", "().__class__", "1 if 2 else 3", "lambda: 1", "2 ** 9", "[x for x in y] + eval(1)"):
        with pytest.raises(FormulaError):
            Desk().value(parse(text))


def test_deep_and_long_formulas_are_refused():
    assert "brackets" in told("(" * 50 + "1" + ")" * 50).problem
    assert "characters" in told("1 + " * 2000 + "1").problem
    assert worth("(" * 40 + "1" + ")" * 40) == 1
    assert worth("-" * 3000 + "1") == 1
