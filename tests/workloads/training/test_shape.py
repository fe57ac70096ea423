"""Shapes of models: published counts come out, whatever the facts leave unsaid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbell.core.errors import FactError
from barbell.workloads.training.shape import mixture, shape, sized
from tests.workloads.training.build import facts


@pytest.mark.parametrize(
    ("name", "active", "off"),
    [
        ("Llama-3-70B", 69.5e9, 0.001),  # 70.55 B less the first vocabulary matrix
        ("Qwen3-30B-A3B", 3.35e9 - 0.311e9, 0.01),
        ("Mixtral-8x7B", 12.88e9 - 0.131e9, 0.005),
        ("gpt-oss-120b", 5.13e9, 0.01),
        ("GPT-3-175B", 174.6e9, 0.001),
    ],
)
def test_active_parameters_are_those_published(name, active, off):
    assert shape(facts(), name).active == pytest.approx(active, rel=off)


@pytest.mark.parametrize("name", ["Llama-3-8B", "DeepSeek-V3", "Kimi-K2", "Qwen3-235B-A22B", "Nemotron-3-Nano-30B-A3B", "Nemotron-3-Super-120B-A12B"])
def test_parts_add_up_to_the_total(name):
    """Within 6 %: two vocabulary matrices, rounded totals, low ranks of attention that facts do not give."""
    found = shape(facts(), name)
    assert found.body + found.routed + 2 * found.vocabulary * found.hidden == pytest.approx(found.total, rel=0.06)


def test_experts_act_in_the_width_that_the_total_leaves():
    assert shape(facts(), "Nemotron-3-Super-120B-A12B").travel == 1024
    assert shape(facts(), "DeepSeek-V3").travel == shape(facts(), "DeepSeek-V3").hidden


def test_hybrids_count_their_blocks():
    found = shape(facts(), "Nemotron-3-Nano-30B-A3B")
    assert (found.layers, found.full, found.mamba, found.moe_layers, found.windowed) == (52, 6, 23, 23, 0)
    assert shape(facts(), "gpt-oss-120b").windowed == 18


def test_a_name_may_spell_out_its_widths():
    found = shape(facts(), "GPT-h6144-L40")
    assert (found.hidden, found.layers, found.heads) == (6144, 40, 48) and found.total == pytest.approx(18.43e9, rel=1e-3) and not found.guessed


def test_a_size_alone_gives_usual_widths():
    found = shape(facts(), "Somebody-13B", params=13e9)
    assert found.guessed and found.body == pytest.approx(13e9, rel=1e-9) and found.hidden / found.layers == pytest.approx(100, rel=0.05)
    assert sized("tiny", 1e6).layers == 2


@given(st.floats(3e8, 3e13), st.floats(0.01, 0.94))
def test_two_sizes_give_a_usual_mixture(params, share):
    """The parts add up to both counts, but for the rounding of experts."""
    found = shape(facts(), "Somebody-MoE", params=params, active=share * params)
    assert found.guessed and found.total == params and found.experts > found.per_token > 0 and min(found.layers, found.hidden, found.body) > 0
    assert found.active == pytest.approx(share * params, rel=1e-6)
    if share < 0.3:
        assert found.body + found.routed + 2 * found.vocabulary * found.hidden == pytest.approx(params, rel=0.05)


@pytest.mark.parametrize(
    "name", ["DeepSeek-V3", "Kimi-K2", "Qwen3-235B-A22B", "Qwen3-30B-A3B", "gpt-oss-120b", "GLM-5", "MiniMax-M2.5", "Llama-4-Scout"]
)
def test_published_mixtures_are_near_the_usual_one(name):
    told = shape(facts(), name)
    usual = mixture(name, told.total, told.active)
    for part in ("hidden", "layers", "body", "routed"):
        assert 0.4 < getattr(usual, part) / getattr(told, part) < 2.5, part


def test_nearly_all_parameters_at_work_are_a_dense_model():
    assert shape(facts(), "Somebody-8B", params=8e9, active=7.7e9).experts == 0
    assert shape(facts(), "Somebody-8B", params=8e9, active=8e9) == shape(facts(), "Somebody-8B", params=8e9)


def test_what_is_not_known_is_told():
    with pytest.raises(FactError, match="Did you mean 'llama_3_70b'"):
        shape(facts(), "Llama-3-70")
    with pytest.raises(FactError, match="nothing is known"):
        shape(facts(), "Mystery", params=math.nan)


def test_models_share_the_kernels_of_their_kind():
    """Kimi-K2 has the layers of DeepSeek-V3; other makers write their own."""
    names = ("DeepSeek-V3", "Kimi-K2", "DeepSeek-V4-Flash", "Qwen3-30B-A3B", "Qwen3-235B-A22B", "gpt-oss-120b", "Nemotron-3-Nano-30B-A3B")
    kinds = [shape(facts(), name).lineage for name in names]
    assert kinds == ["latent", "latent", "latent", "Qwen", "Qwen", "gpt", "Nemotron"]
