"""Memory: sums by hand, and what splitting saves."""

import numpy as np
import pytest

from barbell.workloads.training.memory import RESERVE, need
from tests.workloads.training.build import job


def test_by_hand():
    """Llama-3-8B on one chip: 18 bytes a parameter; activations 34 s b h per layer, six bytes a word."""
    found = need(job("Llama-3-8B", chips=1, batch=1, sequence=4096))
    assert found.weights + found.gradients + found.optimiser == pytest.approx(18 * 8.03e9, rel=1e-3)
    assert found.activations == pytest.approx(32 * 34 * 4096 * 4096 + 6 * 4096 * 128256)
    assert found.total == pytest.approx(found.weights + found.gradients + found.optimiser + found.activations + RESERVE)


def test_each_way_of_splitting_saves():
    alone = need(job(chips=64)).total
    for sizes in ({"tp": 8.0}, {"pp": 8.0}, {"sharded": 1.0}, {"cp": 8.0}, {"recompute": 2}):
        assert need(job(chips=64, **sizes)).total < alone


def test_states_of_the_optimiser_are_spread_over_replicas():
    spread, copied = need(job(chips=64, tp=8.0)), need(job(chips=64, tp=8.0, zero=0.0))
    assert copied.optimiser == pytest.approx(8 * spread.optimiser)


def test_an_adapter_keeps_no_states_of_the_model():
    found = need(job("Llama-2-70B", chips=8, adapter=1.0))
    assert found.optimiser + found.gradients < 0.02 * need(job("Llama-2-70B", chips=8)).weights * 9


def test_experts_are_held_by_their_ranks():
    whole, parted = (need(job("DeepSeek-V3", "GB200", 64, ep=ep, dp=64.0)) for ep in (1.0, 64.0))
    assert parted.weights < 0.05 * whole.weights


def test_what_lacks_is_the_need_less_the_room():
    found = need(job("GPT-1T", "H100", 8, tp=8.0))
    assert found.lacking == pytest.approx(found.total - 0.97 * 80e9) and found.lacking > 0
    assert np.all(need(job("Llama-3-8B", "GB300", 8, tp=8.0)).lacking < 0)


def test_sharding_in_a_domain_shares_less():
    """Eight chips of a server share a copy with tp 2: four ranks; all replicas share the states of the optimiser."""
    found = job(chips=64, tp=2.0, sharded=2.0)
    assert found.sharers()[0] == 4 and job(chips=64, tp=2.0, sharded=1.0).sharers()[0] == 32 and job(chips=64, tp=2.0).sharers()[0] == 1
    assert need(job(chips=64, tp=2.0, sharded=1.0)).total < need(found).total < need(job(chips=64, tp=2.0)).total
