"""Architectures of language models, read from facts.

A model enters the closed form of serving by a handful of sums: what is read for every token, what is read only when a
token is routed to it, and what one token leaves in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from barbell.core.basis import Basis, Known
from barbell.workloads.training.shape import described


@dataclass(frozen=True)
class Model:
    """One architecture; parameters are counts, not bytes.

    `other` are the parameters outside the feed-forward parts (attention and vocabulary), `dense` those of feed-forward
    layers that every token passes (shared experts included), `expert` those of one routed expert in all layers together.
    """

    name: str
    layers: int
    hidden: int
    query: int
    """Heads times their width."""
    kv_heads: int
    """1 for latent attention, whose cache tensor parallelism cannot split."""
    kv_elements: float
    """Elements that one token leaves in the cache, all layers."""
    active: float
    """Parameters that work on one token."""
    other: float
    dense: float
    expert: float = 0.0
    experts: int = 0
    experts_per_token: int = 0
    attention_layers: int = 0
    """Layers whose attention reads the whole context; 0 for all."""
    embedding: float = 0.0
    """Parameters of one vocabulary matrix, of which a step looks up a few rows on the way in and reads all on the way out."""
    attended: int = 0
    """Most tokens that attention picks from the context; 0 for all of them."""

    def __post_init__(self) -> None:
        if min(self.layers, self.hidden, self.query, self.kv_heads, self.kv_elements, self.active, self.other) <= 0 or self.dense < 0:
            raise ValueError(f"model {self.name}: every count must be positive, and the parts may not exceed the total")

    @property
    def routed(self) -> bool:
        """Whether it is a mixture of experts."""
        return self.experts > 0


def architecture(
    *, name: str, total: float, active: float, layers: int, hidden: int, heads: int, head_dim: int, kv_heads: int, kv_elements: float,
    dense_layers: int, ffn: int, moe_layers: int = 0, experts: int = 0, experts_per_token: int = 0, expert_ffn: int = 0, shared_ffn: int = 0,
    attention_layers: int = 0, vocab: int = 0, attended: int = 0,
) -> Model:  # fmt: skip
    """The model with these published widths; gated feed-forward layers have three matrices of hidden x width."""
    expert = 3.0 * hidden * expert_ffn * moe_layers
    dense = 3.0 * hidden * (ffn * dense_layers + shared_ffn * moe_layers)
    return Model(
        name=name, layers=layers, hidden=hidden, query=heads * head_dim, kv_heads=kv_heads, kv_elements=kv_elements, active=active,
        other=total - dense - experts * expert, dense=dense, expert=expert, experts=experts, experts_per_token=experts_per_token,
        attention_layers=attention_layers, embedding=float(vocab * hidden), attended=attended,
    )  # fmt: skip


def models(known: Known) -> tuple[str, ...]:
    """Every model whose size is among the facts."""
    return tuple(sorted(name.split("-")[1] for name in known if name.startswith("model-") and name.endswith("-params_total")))


def model(basis: Basis, slug: str) -> Model:
    """The model of the facts ``model-<slug>-*``; raises FactError for the fact that lacks."""

    def count(attribute: str) -> int:
        return round(basis.number(f"model-{slug}-{attribute}", "1"))

    def perhaps(attribute: str) -> int:
        return count(attribute) if basis.has(f"model-{slug}-{attribute}") else 0

    routed = basis.has(f"model-{slug}-experts")
    if routed and not basis.has(f"model-{slug}-dense_layers"):
        return _hybrid(basis, slug)
    return architecture(
        name=slug,
        total=basis.number(f"model-{slug}-params_total", "1"),
        active=basis.number(f"model-{slug}-params_active", "1"),
        layers=count("layers"),
        hidden=count("hidden"),
        heads=count("heads"),
        head_dim=count("head_dim"),
        kv_heads=count("kv_heads"),
        kv_elements=basis.number(f"model-{slug}-kv_elements_per_token", "1"),
        dense_layers=count("dense_layers"),
        ffn=count("ffn") if count("dense_layers") else 0,
        moe_layers=count("moe_layers") if routed else 0,
        experts=count("experts") if routed else 0,
        experts_per_token=count("experts_per_token") if routed else 0,
        expert_ffn=count("expert_ffn") if routed else 0,
        shared_ffn=perhaps("shared_expert_ffn") if routed else 0,
        attention_layers=perhaps("attention_layers"),
        vocab=perhaps("vocab"),
        attended=perhaps("attended_tokens"),
    )


def _hybrid(basis: Basis, slug: str) -> Model:
    """A model whose layers are of three kinds, attention, state and experts, as training counts their parameters (`training.shape`)."""
    told = described(basis, slug, slug)
    words = told.vocabulary * told.hidden
    return Model(
        name=slug, layers=round(told.layers), hidden=round(told.hidden), query=round(told.query),
        kv_heads=round(basis.number(f"model-{slug}-kv_heads", "1")), kv_elements=basis.number(f"model-{slug}-kv_elements_per_token", "1"),
        active=basis.number(f"model-{slug}-params_active", "1"), other=told.body + 2 * words, dense=0.0, expert=told.routed / told.experts,
        experts=round(told.experts), experts_per_token=round(told.per_token), attention_layers=round(told.full),
        embedding=words,
    )  # fmt: skip
