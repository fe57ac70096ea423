"""Architectures: parameters where they belong."""

from __future__ import annotations

import pytest

from barbell.core.basis import Basis
from barbell.core.errors import FactError
from barbell.workloads.model import architecture, model, models
from tests.workloads.sheets import store
from tests.workloads.training.build import facts


def test_a_small_model_by_hand():
    m = architecture(
        name="m", total=10_000, active=4_000, layers=3, hidden=10, heads=2, head_dim=5, kv_heads=1, kv_elements=60,
        dense_layers=1, ffn=20, moe_layers=2, experts=4, experts_per_token=1, expert_ffn=30, shared_ffn=5,
    )  # fmt: skip
    assert m.expert == 3 * 10 * 30 * 2 and m.dense == 3 * 10 * (20 + 5 * 2)
    assert m.other == 10_000 - 900 - 4 * 1800 and m.query == 10 and m.routed


def test_parts_larger_than_the_whole_are_refused():
    with pytest.raises(ValueError, match="exceed the total"):
        architecture(name="m", total=500, active=1, layers=1, hidden=10, heads=1, head_dim=1, kv_heads=1, kv_elements=1, dense_layers=1, ffn=20)


def test_reference_models_from_facts():
    known = store()
    dense, routed = model(Basis(known), "llama_3_70b"), model(Basis(known), "deepseek_r1")
    assert not dense.routed and dense.dense == 3 * 8192 * 28672 * 80
    # the 37.55 B parameters at work on a token: all that is not routed, and 8 of 256 experts, without the input vocabulary
    at_work = routed.other + routed.dense + routed.experts_per_token * routed.expert
    assert at_work == pytest.approx(routed.active, rel=0.03)


@pytest.mark.parametrize("name", ["nemotron_3_nano_30b_a3b", "nemotron_3_super_120b_a12b"])
def test_a_hybrid_of_states_and_experts_adds_up(name):
    """To the total that its name says, rounded; and to what works on a token."""
    found = model(Basis(facts()), name)
    assert found.routed and 0 < found.attention_layers < found.layers / 4
    assert found.other + found.dense + found.experts * found.expert == pytest.approx(facts_number(f"model-{name}-params_total"), rel=0.08)
    assert found.other - found.embedding + found.experts_per_token * found.expert == pytest.approx(found.active, rel=0.25)


def facts_number(name):
    return Basis(facts()).number(name, "1")


def test_every_model_of_the_facts_can_be_read():
    for name in models(facts()):
        found = model(Basis(facts()), name)
        assert min(found.other, found.active, found.kv_elements) > 0


def test_a_lacking_width_is_named():
    known = store()
    del known["model-llama_3_70b-ffn"]
    with pytest.raises(FactError, match="model-llama_3_70b-ffn"):
        model(Basis(known), "llama_3_70b")
