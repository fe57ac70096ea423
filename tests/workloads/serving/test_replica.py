"""The closed form of serving: by hand, at its limits, and its order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.basis import Basis
from barbell.workloads.model import model
from barbell.workloads.serving import replica as serving
from barbell.workloads.serving.replica import Machines, Service, capacity, fitting, step_seconds, touched, weights
from tests.workloads.sheets import store

DENSE, ROUTED = model(Basis(store()), "llama_3_70b"), model(Basis(store()), "deepseek_r1")
SIZES = (1, 2, 4, 8)
LEVEL = Service(0.05, 1024, 1024)


def machines(peak=2e15, memory=141e9, bandwidth=4.8e12, link=450e9, domain=8.0, weight=1.0, other=1.0, slowness=1.0):
    values = (peak, memory, bandwidth, link, domain, weight, other, slowness)
    return Machines(*(np.atleast_1d(np.asarray(v, dtype=float)) for v in values))


def one(number):
    return float(np.ravel(number)[0])


def step(m=DENSE, service=LEVEL, chips=4.0, n=1.0, **sheet):
    return one(step_seconds(m, machines(**sheet), service, np.array([chips]), np.array([n])))


def test_one_sequence_on_one_chip_by_hand():
    """All bytes over the bandwidth that is reached, and 80 times the time of a layer: nobody to talk to, no prefill to share."""
    memory = (70.552e9 + 163840 * 1536) / (4.8e12 * 0.69)
    multiply = 2 * 70.552e9 / (2e15 * 0.5)
    assert step(chips=1) == pytest.approx(np.hypot(memory, multiply) + 80 * 53e-6, rel=1e-12)


def test_a_full_replica_by_hand():
    n, chips = 64, 4
    memory = (70.552e9 / chips + n * 163840 * 1536 / chips) / (4.8e12 * 0.69)
    multiply = 2 * 70.552e9 * n / (chips * 2e15 * 0.5)
    talk = 160 * (7.9e-6 * 2 + 4 * n * 8192 * 3 / 4 / 450e9)
    prefill = (2 * 70.552e9 * 1024 + 2 * 8192 * 80 * 1024**2) / (chips * 2e15 * 0.40) + 80 * 53e-6
    expected = np.hypot(memory, multiply) + talk + 80 * 53e-6 + (n - 1) / 1024 * prefill
    assert step(n=n, chips=chips) == pytest.approx(expected, rel=1e-12)


def test_experts_touched():
    assert one(touched(ROUTED, np.array([1.0]))) == pytest.approx(8.0)
    assert one(touched(ROUTED, np.array([2.0]))) == pytest.approx(8 * 2 - 8 * 8 / 256)
    assert 250 < one(touched(ROUTED, np.array([120.0]))) < 256
    assert one(touched(DENSE, np.array([9.0]))) == 0.0


def test_latent_caches_are_copied_and_grouped_ones_are_split():
    room = {}
    for m in (DENSE, ROUTED):
        free = 0.9 * 8 * 288e9 - one(weights(m, machines())) - 3.5e9 * 8
        copies = 8 if m is ROUTED else 1
        room[m.name] = free / (m.kv_elements * 4096 * copies)
    long = Service(0.05, 3072, 1024)
    for m in (DENSE, ROUTED):
        fits = one(fitting(m, machines(memory=288e9), long, np.array([8.0])))
        assert fits == min(np.floor(room[m.name]), serving.MOST_SEQUENCES) and fits > 0


def test_a_model_that_does_not_fit_is_refused():
    none = capacity(ROUTED, machines(memory=34e9, domain=16.0), Service(10.0, 1024, 1024), SIZES)
    assert (one(none.rate), one(none.chips), one(none.sequences), one(none.seconds)) == (0.0, 0, 0, 0.0)


def test_replicas_stay_inside_the_domain_and_fill_it():
    assert one(fitting(DENSE, machines(domain=4.0), Service(1, 8, 8), np.array([8.0]))) == 0
    assert one(fitting(DENSE, machines(domain=12.0), Service(1, 8, 8), np.array([8.0]))) == 0
    assert one(fitting(DENSE, machines(domain=12.0), Service(1, 8, 8), np.array([4.0]))) > 0


def test_capacity_is_the_most_sequences_within_the_level():
    level = Service(0.03, 1024, 1024)
    found = capacity(DENSE, machines(), level, SIZES)
    chips, n = one(found.chips), one(found.sequences)
    assert step(chips=chips, n=n) <= 0.03 < step(chips=chips, n=n + 1)
    assert one(found.rate) == pytest.approx(n / (step(chips=chips, n=n) * chips)) and one(found.seconds) == pytest.approx(step(chips=chips, n=n))


def test_many_machines_at_once_are_each_as_alone():
    many = capacity(DENSE, machines(memory=[80e9, 141e9, 20e9], bandwidth=[3.35e12, 4.8e12, 1e12]), Service(0.03, 1024, 1024), SIZES)
    for k, (memory, bandwidth) in enumerate([(80e9, 3.35e12), (141e9, 4.8e12), (20e9, 1e12)]):
        alone = capacity(DENSE, machines(memory=memory, bandwidth=bandwidth), Service(0.03, 1024, 1024), SIZES)
        assert many.rate[k] == alone.rate[0] and many.chips[k] == alone.chips[0]


@pytest.mark.parametrize("wrong", [(0.0, 1, 1), (1, 0.0, 1), (1, 1, -1)])
def test_a_level_is_positive(wrong):
    with pytest.raises(ValueError, match="must be positive"):
        Service(*wrong)


REFERENCE = st.sampled_from([DENSE, ROUTED])
TIGHT = st.floats(0.012, 0.2)


def rate(m, tight, **sheet):
    return one(capacity(m, machines(**{"domain": 8.0, "memory": 180e9, **sheet}), Service(tight, 1024, 1024), SIZES).rate)


@given(REFERENCE, TIGHT, st.floats(1.0, 4.0), st.sampled_from(["peak", "memory", "bandwidth", "link"]))
def test_a_better_chip_never_serves_less(m, tight, better, part):
    base = {"peak": 2e15, "memory": 141e9, "bandwidth": 4e12, "link": 450e9}
    assert rate(m, tight, **{**base, part: base[part] * better}) >= rate(m, tight, **base) * (1 - 1e-12)


@given(REFERENCE, TIGHT, st.floats(1.0, 3.0))
def test_a_tighter_level_never_takes_more_sequences(m, tight, looser):
    sheet = machines(memory=180e9)
    few, many = (one(capacity(m, sheet, Service(t, 1024, 1024), (8,)).sequences) for t in (tight, tight * looser))
    assert few <= many


@given(REFERENCE, st.integers(1, 500), st.sampled_from([1.0, 2.0, 4.0, 8.0]))
def test_a_step_grows_with_sequences_but_less_than_in_proportion(m, n, chips):
    before, after = step(m, n=n, chips=chips), step(m, n=n + 1, chips=chips)
    assert before < after <= before * (n + 1) / n


@given(TIGHT, st.floats(1.0, 2.0))
def test_slowness_stretches_time(tight, slow):
    assert step(slowness=slow) == pytest.approx(slow * step())
    assert rate(DENSE, tight, slowness=slow) <= rate(DENSE, tight) * (1 + 1e-12)


def test_long_answers_dilute_the_prefill():
    short, long = (step(service=Service(1, 1024, out), n=64) for out in (128, 1024))
    assert long < short


def test_parts_of_time_add_up():
    """Without link, latency and prefill only reading and multiplying remain."""
    free = replace(machines(link=1e30), peak=np.array([1e30]))
    read = one(step_seconds(DENSE, free, Service(1, 1, 1), np.array([2.0]), np.array([1.0])))
    assert read == pytest.approx((70.552e9 / 2 + 163840 * 1.5 / 2) / (4.8e12 * 0.69) + 160 * 7.9e-6 + 80 * 53e-6)
