"""All chips of a plan on one scale, beside the work that it gives them: the cloud that ships, and its numbers worked out another way."""

import math
import re
from collections import defaultdict
from dataclasses import replace

import pytest

from barbell.report import query, why
from barbell.report.number import percent, told
from barbell.report.sections import silicon
from barbell.report.workload import CHIP, MEASURES, MW, USD, at_work, workloads
from barbell.study import plan
from tests.conftest import ROOT
from tests.report import example, powered
from tests.report.powered import astray, source, sourced

SECONDS = 365 * 24 * 3600


@pytest.fixture(scope="module")
def cloud():
    return powered.cloud()


@pytest.fixture(scope="module")
def found(cloud):
    return {load.resource: load for load in workloads(cloud)}


@pytest.fixture(scope="module")
def section(cloud):
    return silicon.section(cloud)


def cell(cloud, table, row, field):
    """A cell of the case that does not change over time."""
    value = getattr(next(r for r in cloud.case.tables.rows(table) if r.id == row), field)
    return value.values[0] if hasattr(value, "values") else value


def activity(cloud, process, year):
    """Mean activity over the quarters of a year."""
    rows = cloud.tables["activity"].filter(cloud.tables["activity"]["item"] == process)
    return sum(row["value"] for row in rows.to_dicts() if row["period"].startswith(str(year)) and "Q" in row["period"]) / 4


def test_every_kind_of_work_with_its_chips(found):
    assert set(found) == {"train", "inference"}
    assert {m.chip for m in found["train"].makers} == {"h100", "h200", "b200", "gb200", "gb300", "vr200", "gb300_leased", "vr200_leased"}


def test_a_rate_per_chip_and_per_megawatt_is_that_of_the_cells(cloud, found):
    for resource, size in (("train", 1.0), ("inference", 1.0)):
        load = found[resource]
        for maker in load.makers:
            rate = cell(cloud, "rates", f"{maker.process}/{resource}", "rate")
            drawn = -cell(cloud, "rates", f"{maker.process}/it", "rate")
            assert load.value(CHIP, maker, 2030) == pytest.approx(rate * size), "EFLOP/s of a thousand chips are PFLOP/s of one; so are tokens"
            ratio = load.value(MW, maker, 2030) / load.value(CHIP, maker, 2030) * drawn
            assert ratio == pytest.approx(load.value(MW, load.makers[0], 2030) / load.value(CHIP, load.makers[0], 2030)
                                          * -cell(cloud, "rates", f"{load.makers[0].process}/it", "rate"))  # fmt: skip


def test_units_are_told_with_each_measure(found):
    assert {name: measure.unit for name, measure in found["train"].measures.items()} == {
        CHIP: "PFLOP/s per chip", MW: "PFLOP/s per MW of IT", USD: "EFLOP per USD",
    }  # fmt: skip
    assert found["inference"].measures[USD].unit == "Mtok per USD" and found["inference"].measures[CHIP].unit == "ktok/s per chip"


def test_per_dollar_is_the_work_of_a_year_over_its_cost(cloud, found):
    """h100 in 2026Q4 by hand for what the process takes itself; halls and energy come from the plan's mix and are the same for every MW."""
    load = found["train"]
    maker = next(m for m in load.makers if m.chip == "h100")
    cost = load.cost(maker, 2026)
    rate = cloud.case.tables.entities[0].discount_rate
    years = cell(cloud, "assets", "h100", "life_months") / 12
    level = next(i for i in cloud.case.tables.indices if i.name == "gpu").level(cloud.case.horizon.periods[3].start, cloud.case.horizon.start)
    assert cost["h100"] == pytest.approx(cell(cloud, "assets", "h100", "capex") * level * rate / (1 - (1 + rate) ** -years))
    work = cell(cloud, "rates", "train_h100/train", "rate") * 1e18 * SECONDS
    assert load.value(USD, maker, 2026) == pytest.approx(work / (sum(cost.values()) * 1e6) / 1e18)
    other = next(m for m in load.makers if m.chip == "vr200")
    per_mw = [load.cost(m, 2026)["energy" if "energy" in cost else "running"] for m in (maker, other)]
    assert all(value > 0 for value in per_mw)


def test_ranges_lie_around_the_value_and_widen_from_chip_to_dollar(found):
    for load in found.values():
        for maker in load.makers:
            spans = [load.interval(name, maker, 2030) for name in MEASURES]
            assert all(span.low <= span.value <= span.high for span in spans)
            widths = [span.high / span.low for span in spans]
            assert widths[1] >= widths[0] * (1 - 1e-9) and widths[2] >= widths[0] * (1 - 1e-9)


def test_the_range_per_chip_is_that_of_the_fact(cloud, found):
    facts = {fact.name: fact for fact in cloud.case.tables.facts}
    for resource, load in found.items():
        for maker in load.makers:
            fact, span = facts[f"{resource}-{maker.chip.removesuffix('_leased')}"], load.interval(CHIP, maker, 2030)
            assert span.low / span.value == pytest.approx(float(fact.low) / float(fact.value))
            assert span.high / span.value == pytest.approx(float(fact.high) / float(fact.value))


def test_shares_of_the_work_are_of_what_is_made(cloud, found):
    for resource, load in found.items():
        for year in query.years(cloud.case):
            made = {m.chip: activity(cloud, m.process, year) * cell(cloud, "rates", f"{m.process}/{resource}", "rate") for m in load.makers}
            for chip, amount in made.items():
                assert load.share(chip, year) == pytest.approx(amount / sum(made.values()))
            assert sum(load.share(chip, year) for chip in made) == pytest.approx(1)


def test_chips_at_work_are_those_that_run(cloud, found):
    busy = at_work(cloud, list(found.values()))
    for (chip, resource), values in busy.items():
        for year, value in values.items():
            assert value == pytest.approx(activity(cloud, f"{resource}_{chip}", year), abs=1e-9)
    fleet = defaultdict(float)
    for row in cloud.tables["fleet"].filter(cloud.tables["fleet"]["period"] == "2030Q4").to_dicts():
        fleet[row["item"]] += row["value"]
    for chip in {chip for chip, _ in busy}:
        assert sum(activity_now(cloud, f"{resource}_{chip}") for resource in found) <= fleet[chip] + 1e-6


def activity_now(cloud, process):
    rows = cloud.tables["activity"].filter((cloud.tables["activity"]["item"] == process) & (cloud.tables["activity"]["period"] == "2030Q4"))
    return rows["value"].sum()


def test_every_number_opens_to_itself(cloud, section):
    assert astray(section, cloud) == []
    table = next(figure for figure in section.figures if figure.name == "silicon-train").grid
    assert sum(cell.value is not None and bool(cell.chain) for row in table.rows for cell in row) > 50


def test_the_cost_of_a_year_opens_down_to_cells(cloud):
    found = list(cloud.book.walk("year-cost/train_vr200/2030Q4", "work/train/2030", "work/inference/gb300/2028", "annuity/vr200"))
    addresses = {node.address for node in found}
    assert {"assets.vr200.capex", "@capex-vr200", "entities.neocloud.discount_rate", "assets.vr200.life_months"} <= addresses


@pytest.mark.parametrize(
    "asked",
    ["work/train", "work/nothing/2030", "work/train/1999", "year-cost/nothing/2030Q4", "year-cost/train_vr200/1999", "annuity/nothing",
     "@capex-vr200/x", "year-cost/train_vr200/2030Q4/nothing", "@nothing/low", "work/train/hall/2030"],
)  # fmt: skip
def test_what_is_not_there_is_no_number(cloud, asked):
    assert cloud.book.find(asked) is None


def test_the_ends_of_a_fact_are_numbers(cloud):
    fact = next(fact for fact in cloud.case.tables.facts if fact.name == "capex-vr200")
    for side in ("low", "high"):
        assert cloud.book.node(f"@capex-vr200/{side}").value == float(getattr(fact, side))


def test_messages_name_the_best_and_what_stands_between(cloud, found, section):
    for resource, load in found.items():
        figure = next(f for f in section.figures if f.name == f"silicon-{resource}")
        first = why.best(load, 2030)
        assert (
            figure.message == f"{resource}: {first.chip} gives most per USD in 2030: {told(load.value(USD, first, 2030))} {load.measures[USD].unit}"
        )
        for year, sentence in zip((2026, 2030), figure.notes, strict=False):
            most = max(load.makers, key=lambda m, y=year, w=load: w.share(m.chip, y))
            assert sentence.startswith(f"In {year} {most.chip} does {percent(load.share(most.chip, year))} of the work")
            best = why.best(load, year)
            times = re.search(r"though (\w+) gives ([\d.]+) times", sentence)
            assert bool(times) == (best.chip != most.chip)
            if times:
                assert times[1] == best.chip and times[2] == told(load.value(USD, best, year) / load.value(USD, most, year))


def test_limits_that_bind_are_named_and_none_that_do_not(cloud, found):
    said = why.reasons(found["train"], list(found.values()), at_work(cloud, list(found.values())), 2026)
    prices = cloud.tables["prices"].filter((cloud.tables["prices"]["item"] == "supply_vr200") & (cloud.tables["prices"]["price"] > 1e-9))
    short = [p for p in prices["period"].to_list() if p.startswith("2026Q")]
    assert f"supply_vr200 is short in {len(short)} of 4 periods" in said and "supply_gb300" not in said
    free = replace(cloud, tables={**cloud.tables, "prices": cloud.tables["prices"].clear()})
    loads = workloads(free)
    assert "is short" not in why.reasons(loads[0], loads, at_work(free, loads), 2026)


def test_a_chip_that_comes_late_is_said_to():
    made = sourced(plan(ROOT / "cases" / "custom-silicon"))
    load = workloads(made)[0]
    lead = cell(made, "assets", "own", "lead_months")
    assert list(why._late(load, "own", 2029)) == (
        [f"it can be ordered from 2029-01 and serves from {2029 + lead // 12}-{lead % 12 + 1:02d}"] if lead > 6 else []
    )
    assert list(why._late(load, "own", 2034)) == []


def test_pale_chips_are_those_that_cannot_be_ordered(found):
    load = found["train"]
    assert not load.orderable("h100", 2026) and load.orderable("gb300", 2027) and not load.orderable("gb300", 2028) and load.orderable("vr200", 2030)
    spec = next(f for f in silicon.section(load.source).figures if f.name == "silicon-train").spec
    clear = {(row["year"], row["series"]): row["clear"] for row in spec["data"]["values"]}
    assert clear["2027", "gb300"] == 1 and clear["2028", "gb300"] < 1


def test_points_are_over_the_chip_that_is_used_most(found, section):
    for resource, load in found.items():
        rows = next(f for f in section.figures if f.name == f"silicon-{resource}").spec["data"]["values"]
        assert {row["value"] for row in rows if row["series"] == load.used} == {1.0}
        assert all(row["low"] <= row["value"] <= row["high"] and not math.isnan(row["value"]) for row in rows)


def test_prices_that_nobody_publishes_are_named(section):
    assert any("assumptions with a range of their own" in note for figure in section.figures for note in figure.notes)


def test_cases_with_one_kind_of_chip_have_no_section():
    assert silicon.section(source()) is None and silicon.section(example.source()) is None


def test_work_that_is_no_rate_is_counted_as_it_is():
    """The toy twice: two chips that make what is counted in chips have no seconds and no tokens."""
    made = sourced(plan(ROOT / "cases" / "toy"))
    tables = made.case.tables
    names = {"chip": "other"}
    twin = {
        "assets": (*tables.assets, tables.assets[1].model_copy(update={"name": "other"})),
        "processes": (*tables.processes, tables.processes[1].model_copy(update={"name": "more"})),
        "uses": (*tables.uses, *(u.model_copy(update={"process": "more", "asset": names.get(u.asset, u.asset)})
                                 for u in tables.uses if u.process == "run")),
        "rates": (*tables.rates, *(r.model_copy(update={"process": "more"}) for r in tables.rates if r.process == "run")),
    }  # fmt: skip
    case = replace(made.case, tables=replace(tables, **twin))
    load = workloads(replace(made, case=case))[0]
    assert load.measures[USD].unit == "kchip per USD a year" and load.share("other", 2026) == 0 and load.used == "chip"
    assert load.value(CHIP, load.makers[0], 2026) == pytest.approx(load.value(CHIP, load.makers[1], 2026))
