"""An answer of serving: costs and energy follow from rate, price and power; the question's faults come at once."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from barbell.core.basis import Interval
from barbell.core.errors import FactError
from barbell.study.answer import Answer, Question, answered
from barbell.workloads.serving import Demand

ASKED = Question("H200", "Llama-3-70B", Demand(level=0.03))


def test_cost_energy_and_power_are_those_of_the_rate_by_hand():
    found = answered(ASKED)
    rate, power, hour = found.layout.rate, found.kilowatts, found.dollars
    assert found.priced == "published" and found.mixed is None and found.layout.token_tail is None
    assert found.per_million.value == pytest.approx(hour.value / (rate.value * 3600) * 1e6)
    assert found.joules.value == pytest.approx(power.value * 1e3 / rate.value)
    assert found.per_megawatt.value == pytest.approx(1e6 / found.joules.value)
    fall, rise = found.per_million.spread()
    assert fall == pytest.approx(math.hypot(math.log(hour.value / hour.low), math.log(rate.high / rate.value)))
    assert rise == pytest.approx(math.hypot(math.log(hour.high / hour.value), math.log(rate.value / rate.low)))
    assert found.per_megawatt.spread() == pytest.approx(found.joules.spread()[::-1])


def test_a_rate_that_may_fall_to_nothing_has_no_bound_on_cost():
    found = answered(ASKED)
    fallen = Answer(found.asked, replace(found.layout, rate=Interval(100.0, 0.0, 200.0)), Interval(1.0, 1.0, 1.0), None, "")
    assert fallen.joules == Interval(10.0, pytest.approx(5.0), math.inf) and fallen.per_megawatt.low == 0.0
    assert fallen.per_million is None


def test_the_99th_percentile_reads_the_observed_ratios():
    found = answered(replace(ASKED, percentile=99))
    assert found.asked.tail is not None and found.asked.tail.token.value == 1.59 and found.asked.tail.first.value == 2.4
    assert found.layout.token_tail.value <= 0.03 < found.layout.token_tail.high
    assert found.layout.rate.value < answered(ASKED).layout.rate.value


def test_pools_are_set_beside_a_mixed_replica_at_the_same_level():
    found = answered(replace(ASKED, apart=True))
    assert found.layout.split is not None and found.mixed == answered(ASKED).layout and found.unmixed == ""
    long = Demand(65536, 64, level=0.012)
    alone = answered(Question("H200", "Llama-3-70B", replace(long, chips=8), apart=True))
    assert alone.layout.split is not None and (alone.mixed is None) == bool(alone.unmixed)


def test_what_is_wrong_is_told_at_once_and_each_alone_in_its_own_words():
    wrong = Question("H201", "llama-3-71b", Demand(level=-1, hit=2), percentile=95, price="cheap")
    with pytest.raises(FactError, match="6 faults in the question") as raised:
        answered(wrong)
    assert [fault.where.field for fault in raised.value.faults] == ["chip", "model", "price", "percentile", "demand", "demand"]
    assert all(fault.problem and fault.fix for fault in raised.value.faults)
    for text in ("'h20'", "'llama_3_70b'", "capacity_block", "Take 50 or 99", "number above 0", "0 to 1"):
        assert text in str(raised.value)
    with pytest.raises(FactError, match=r"^unknown chip 'H201'"):
        answered(replace(ASKED, chip="H201"))
