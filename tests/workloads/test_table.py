"""The table of rates and the facts of the room."""

from __future__ import annotations

import pytest

from barbell import facts
from barbell.core.basis import Basis
from barbell.core.units import factor
from barbell.workloads import derive, rates, table
from barbell.workloads.chip import CHIPS, chip
from barbell.workloads.offer import INFERENCE, PRODUCTION
from barbell.workloads.training import effective, shipped
from tests.workloads.sheets import BUSY, fact
from tests.workloads.sheets import store as sheets

CALIBRATION = {name: row for name, row in facts.known("9999-12-31").items() if name.startswith("serving-")}


def store():
    """Data sheets of the tests with the calibration that ships."""
    return sheets() | CALIBRATION


ROWS = rates(store())
BY_NAME = {row.fact.name: row for row in ROWS}


def test_every_chip_has_its_three_rates_but_inferentia_does_not_train():
    expected = [f"train-{chip}" for chip in CHIPS if chip != "inferentia2"]
    expected += [f"{kind}-{chip}" for kind in ("inference", "production") for chip in CHIPS]
    assert [row.fact.name for row in ROWS] == expected and not table(store()).gaps


def test_units_are_those_of_the_cases():
    assert {(row.kind, row.fact.unit) for row in ROWS} == {
        ("train", "EFLOP/s/kchip"), ("inference", "Mtok/s/kchip"), ("production", "Mtok/s/kchip"),
    }  # fmt: skip
    assert factor("EFLOP/s/kchip", "PFLOP/s/chip") == pytest.approx(1.0) and factor("Mtok/s/kchip", "tok/s/chip") == pytest.approx(1000.0)


def test_training_is_the_effective_rate_in_the_units_of_cases():
    """FLOP/s per chip to EFLOP/s per thousand chips."""
    assert BY_NAME["train-h100"].rate.value == pytest.approx(effective(chip(Basis(store()), "h100"), shipped(store())).rate.value * 1e-15)


@pytest.mark.parametrize("name", [row.fact.name for row in ROWS])
def test_every_rate_has_a_range_and_says_where_it_comes_from(name):
    row = BY_NAME[name]
    assert 0 <= row.rate.low < row.rate.value < row.rate.high
    assert (float(row.fact.low), float(row.fact.value), float(row.fact.high)) == pytest.approx(
        (row.rate.low, row.rate.value, row.rate.high), rel=1e-5
    )
    assert "chip-" in row.fact.source.partition("; from ")[2] and row.fact.as_of == "2026-01-31"


def test_serving_rests_on_assumptions_and_measured_training_does_not():
    assert {row.fact.grade for row in ROWS if row.kind != "train"} == {"S"}
    assert BY_NAME["train-h100"].fact.grade == "M" and BY_NAME["train-trainium2"].fact.grade == "S"


def test_a_serving_rate_is_the_best_layout_of_the_chip_as_busy_as_the_fact_says():
    for offer in (INFERENCE, PRODUCTION):
        row = BY_NAME[f"{offer.name}-b200"]
        assert row.layout is not None and row.layout.token.value <= offer.demand.level
        assert row.rate.value == pytest.approx(row.layout.rate.value * 1e-3 * BUSY[offer.name], rel=1e-9)
        asked = store() | {offer.busy: fact(offer.busy, 1.0, "1", low="0.9", high="1", grade="S")}
        fuller = {rate.fact.name: rate for rate in rates(asked)}[f"{offer.name}-b200"]
        assert fuller.rate.value == pytest.approx(row.layout.rate.value * 1e-3, rel=1e-9)


def test_formats_follow_the_chip_and_what_the_workload_allows():
    formats = {chip: BY_NAME[f"inference-{chip}"].precision for chip in ("a100", "h200", "gb300", "trainium2", "trainium3")}
    assert formats == {"a100": "int4", "h200": "fp8", "gb300": "fp4", "trainium2": "fp8", "trainium3": "fp4"}
    assert {BY_NAME[f"production-{chip}"].precision for chip in ("h200", "gb300", "trainium3")} == {"fp8"}


def test_a_chip_too_small_for_the_model_is_spoken_for_by_its_kin():
    row = BY_NAME["inference-inferentia2"]
    assert row.layout is None and row.rate.value == pytest.approx(BY_NAME["inference-trainium1"].rate.value)
    assert row.rate.value / row.rate.low > BY_NAME["inference-trainium1"].rate.value / BY_NAME["inference-trainium1"].rate.low
    assert "does not fit" in row.fact.source and "chip-inferentia2-bandwidth" in row.fact.source


@pytest.mark.parametrize("kind", ["train", "inference", "production"])
def test_a_later_chip_of_a_line_does_more(kind):
    for line in (("a100", "h100", "b200", "vr200"), ("trainium1", "trainium2", "trainium3", "trainium4")):
        values = [BY_NAME[f"{kind}-{chip}"].rate.value for chip in line]
        assert values == sorted(values)


def test_an_unseen_vendor_is_less_certain_than_a_known_chip():
    def width(name):
        return BY_NAME[name].rate.high / BY_NAME[name].rate.low

    assert width("train-h100") < width("train-gb300") < width("train-trainium2") < width("train-trainium4")
    assert width("inference-b200") < width("inference-gb200") < width("inference-trainium2") < width("inference-trainium4")


def test_what_is_not_known_yet_is_left_out_with_its_reason():
    known = {name: row for name, row in store().items() if not name.startswith("chip-trainium3")}
    done = table(known)
    lost = {f"{kind}-trainium{n}" for kind in ("train", "inference", "production") for n in (3, 4)}
    assert {row.fact.name for row in done.rates} == {row.fact.name for row in ROWS} - lost and set(done.gaps) == lost
    assert all("chip-trainium3-dense_bf16" in reason for reason in done.gaps.values())


def test_without_a_model_nothing_serves_but_all_train():
    known = {name: row for name, row in store().items() if not name.startswith("model-")}
    assert {row.kind for row in table(known).rates} == {"train"} and len(table(known).gaps) == 2 * len(CHIPS)


def test_a_chip_that_cannot_keep_the_level_is_refused_in_words():
    slow = {name: fact(name, 0.01, "Tbyte/s") for name in store() if name.endswith("trainium1-bandwidth")}
    done = table(store() | slow)
    assert "does not give llama_3_70b a token every 30 ms; the best it reaches is" in done.gaps["production-trainium1"]


def test_a_rate_is_as_young_as_its_youngest_fact():
    known = store() | {"chip-h100-hbm": fact("chip-h100-hbm", 80.0, "Gbyte", as_of="2026-06-30")}
    dates = {row.name: row.as_of for row in derive(known)}
    assert dates["production-h100"] == "2026-06-30" and dates["production-h200"] == "2026-01-31"


def test_an_empty_store_derives_nothing():
    assert derive({}) == ()
