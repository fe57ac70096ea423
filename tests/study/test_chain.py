"""Every number of a run comes out of its inputs, down to the cells, the facts and their sources."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.errors import CaseError, LedgerError
from barbell.study import keep, run
from barbell.study.chain import Book, Input, Node, opened, recomputed
from barbell.study.chain.ground import slug
from barbell.study.chain.kept import book as kept_book
from barbell.study.chain.kept import is_run
from tests.conftest import ROOT

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.fixture(scope="module")
def cloud():
    found = run(ROOT / "cases" / "neocloud")
    return Book(found.case, found.frames)


@pytest.fixture(scope="module")
def small(toy):
    return Book(toy.case, toy.frames)


def value(book, address):
    return book.node(address).value


def ends(book, address):
    return [node for node in book.walk(address) if not node.inputs]


def lines(book):
    return [name for name in book.names if name.startswith(("years/", "lines/"))]


def test_every_number_of_the_toys_ties(small, tree):
    for book in (small, Book(tree.case, tree.frames)):
        assert sum(1 for _ in book.walk(*book.names)) > len(book.names) / 2


def test_every_line_of_the_cloud_ties_down_to_facts_with_a_source(cloud):
    found = list(cloud.walk(*lines(cloud)))
    facts = [node for node in found if node.address.startswith("@")]
    assert len(found) > 5_000 and len(facts) > 100
    assert all(node.proof.source and node.proof.grade in "ABCDMS" for node in facts)
    assert all(node.inputs or node.words or node.value == 0 for node in found), "an end says why it is what it is"


def test_values_are_those_of_the_frames_and_not_of_the_chain(cloud):
    years = cloud.frames["statements/years"].filter((pl.col("scope") == "consolidated") & (pl.col("entity") == "neocloud"))
    for line, year, amount in years.select("line", "year", "value").iter_rows():
        assert value(cloud, f"{line}/{year}") == amount
    orders = cloud.frames["tables/orders"].filter(pl.col("value") > 0)
    for row in orders.head(20).iter_rows(named=True):
        named = "" if row["action"] == "order" else f":{slug(row['action'])}"
        assert value(cloud, f"orders/{row['item']}@{row['place']}{named}/{row['period']}") == row["value"]


@pytest.mark.parametrize(
    ("frame", "address"),
    [
        ("statements/lines", "years/company/capex/2026"),
        ("statements/lines", "free-cash-flow/2027"),
        ("tables/orders", "lines/company/capex/2026"),
        ("tables/served", "lines/company/revenue/2027"),
        ("tables/fleet", "depreciation/2027"),
        ("tables/money", "value"),
        ("parts", "value"),
    ],
)
def test_a_number_that_is_changed_no_longer_ties(toy, frame, address):
    """One value of a frame, moved by a thousandth, is seen somewhere on the way."""
    column = {"tables/served": "served"}.get(frame, "value")
    frames = dict(toy.frames)
    moved = pl.col(column) * pl.when(pl.int_range(pl.len()) == pl.col(column).abs().arg_max()).then(1.001).otherwise(1.0)
    frames[frame] = frames[frame].with_columns(moved)
    with pytest.raises(LedgerError, match="report this as a bug"):
        list(Book(toy.case, frames).walk(address, *[n for n in Book(toy.case, frames).names if n.startswith(("lines", "years", "money", "fleet"))]))


def test_the_toy_by_hand(small):
    """docs/guide/toy.md: 4 kchip at 30, 2.5 MW of hall at 10; a hall of 25 over 240 months."""
    assert value(small, "capex/2026") == pytest.approx(4 * 30 + 2.5 * 10)
    cells = {node.address: node.where for node in small.walk("capex/2026") if node.where}
    assert cells["assets.chip.capex"] == "assets.csv:3" and cells["assets.hall.capex"] == "assets.csv:2"
    assert value(small, "charged/hall@va:2027/2027") == pytest.approx(25 * 12 / 240)
    reason = small.node("orders/chip@va/2026").words
    assert "decided by the plan" in reason and "capacity chip@va" in reason
    assert value(small, "headline/objective_usd") == pytest.approx(219.2e6, rel=1e-3)


def test_a_short_address_means_the_group_and_the_year(small, cloud):
    assert small.node("capex/2026").address == "years/company/capex/2026"
    assert small.node("free cash flow/2027") == small.node("free_cash_flow/2027") == small.node("company/free-cash-flow/2027")
    assert cloud.node("capex/2026Q3").address == "lines/neocloud/capex/2026Q3"
    quarters = sum(value(cloud, f"capex/2026Q{n}") for n in range(1, 5))
    assert value(cloud, "capex/2026") == pytest.approx(quarters)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("capx/2026", "capex/2026"), ("orders/chp@va/2026", "orders/chip@va/2026"), ("assets.chip.capx", "assets.chip.capex"),
        ("fleet/hall@va/2031", "fleet/hall@va/2027"), ("", "capex/2026"), ("zzz", "capex/2026"), ("orders/a/b/c/d", "orders/"),
        ("level/", "capex"), ("paid", "paid"), ("headline", "headline/"), ("low/a", "capex"), ("@", "@FACT"),
    ],
)  # fmt: skip
def test_an_unknown_number_gets_the_nearest_names(small, asked, near):
    with pytest.raises(CaseError) as raised:
        small.node(asked)
    (fault,) = raised.value.faults
    assert "no number of this run" in fault.problem and (near in fault.fix or "Nearest" in fault.fix or "Name a number" in fault.fix)


@given(st.text(st.sampled_from("abc/@.:~!2026Q ordersfleet"), max_size=20))
def test_no_question_breaks_the_book(text):
    try:
        found = _TOY.node(text).address
    except CaseError as error:
        found = error.faults
    assert found


class _Lazy:
    """The toy's book, made when first asked: hypothesis takes no fixtures of a session."""

    def __getattr__(self, name):
        if "book" not in self.__dict__:
            found = run(ROOT / "cases" / "toy")
            self.book = Book(found.case, found.frames)
        return getattr(self.book, name)


_TOY = _Lazy()


def test_a_derived_fact_opens_to_its_inputs_and_their_sources(cloud):
    name = next(n for n in cloud.names if n.startswith("@") and cloud.node(n).proof.derived and cloud.node(n).inputs)
    found = list(cloud.walk(name))
    stored = [node for node in found if not node.proof.derived]
    assert cloud.node(name).words and stored and all(node.proof.source for node in stored)


def test_a_cell_is_its_fact_in_its_unit(cloud):
    node = next(n for name in cloud.names if "." in name and (n := cloud.node(name)).text.startswith("@") and n.formula)
    (fact,) = cloud.inputs(node)
    assert node.value == pytest.approx(node.inputs[0].times * fact.value) and node.text == f"@{node.inputs[0].name}"


def test_conflicts_of_the_store_stand_beside_the_fact(cloud):
    from barbell import facts

    name = next(c.name for c in facts.conflicts() if c.others and cloud.find(f"@{c.name}"))
    assert "(" in cloud.node(f"@{name}").proof.against


@given(st.lists(st.tuples(NUMBERS, st.sampled_from([-1.0, 1.0, 2.5])), min_size=1, max_size=20))
def test_a_sum_is_the_sum_of_its_signed_inputs(terms):
    node = Node("a", "a", 0.0, "1", "sum", tuple(Input(f"n{k}", "b", times) for k, (_, times) in enumerate(terms)))
    assert recomputed(node, [v for v, _ in terms]) == pytest.approx(sum(v * t for v, t in terms), rel=1e-9, abs=1e-6)


def test_expressions_are_worked_out_as_they_read():
    node = Node("a", "a", 0.0, "1", "owed * ((1 + rate) ** gap - 1) + max(2, rate)", tuple(Input(n, n) for n in ("owed", "rate", "gap")))
    assert recomputed(node, [100, 0.1, 2]) == pytest.approx(100 * (1.1**2 - 1) + 2)
    assert node.words == "owed × ((1 + rate) ^ gap - 1) + max(2, rate)"
    with pytest.raises(ValueError, match="no formula"):
        recomputed(Node("a", "a", 0.0, "1"), [])


def test_a_tree_shows_the_largest_first_and_counts_the_rest(cloud):
    tree = opened(cloud, "depreciation/2027", depth=2, top=3)
    quarter = tree.below[0]
    amounts = [abs(b.times * b.node.value) for b in quarter.below]
    assert len(amounts) == 3 and amounts == sorted(amounts, reverse=True) and quarter.more > 10
    assert sum(b.times * b.node.value for b in quarter.below) + quarter.together == pytest.approx(quarter.node.value)
    flat = opened(cloud, "depreciation/2027", depth=1)
    assert not flat.below[0].below and flat.below[0].cut


def test_a_kept_run_opens_as_the_live_one(toy, tmp_path, small):
    folder = keep(toy, tmp_path)
    assert is_run(folder) and not is_run(ROOT / "cases" / "toy")
    kept = kept_book(folder)
    assert kept.names == small.names
    assert all(math.isclose(kept.node(n).value, small.node(n).value, rel_tol=1e-12) or not kept.node(n).value for n in lines(small))
    assert [n.address for n in kept.walk("capex/2026")] == [n.address for n in small.walk("capex/2026")]


def test_what_holds_no_numbers_is_told_in_a_sentence(toy, tmp_path):
    with pytest.raises(CaseError, match="holds no run"):
        kept_book(tmp_path)
    with pytest.raises(CaseError, match="is a case"):
        kept_book(ROOT / "cases" / "toy")
    folder = keep(toy, tmp_path)
    (folder / "tables" / "orders.parquet").write_bytes(b"short")
    with pytest.raises(CaseError, match=r"orders\.parquet"):
        kept_book(folder)
