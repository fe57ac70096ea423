"""What a model asks of a training step: counts and widths of its layers, as one record per model.

Read from facts ``model-<slug>-*``. Two kinds of names need no facts: ``GPT-h6144-L40`` spells out its own widths, and a dense
model of which only the number of parameters is known gets the widths that models of its size have (`sized`).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from barbell.core.basis import Basis, Known
from barbell.core.errors import FactError
from barbell.core.spelling import suggestion

SPELT = re.compile(r"GPT-h(\d+)-L(\d+)")
VOCABULARY = 51200
"""Of GPT models whose name spells out only hidden width and layers (vTrain, Megatron-LM)."""
HEAD_WIDTH = 128
ASPECT = 100.0
"""Hidden width over layers of a dense model whose shape is not published: 64 to 128 in GPT-3, Llama and MPT above 5 B."""
MAMBA_EXPANSION = 4096 / 2688
"""Inner over hidden width of the Mamba-2 layers of Nemotron-3-Nano (64 heads of 64); 2 in the paper, less in that family."""
MAMBA_STATE = 2 * 8 * 128 + 64
"""Columns of the input projection beside the inner ones: groups times state, twice, and a step per head."""
WINDOW = 128
"""Tokens that a layer with a sliding window looks back."""
LATENT_SHARE = 0.55
"""Parameters of attention through latent projections over those of plain projections of the same width (0.53 in DeepSeek-V3, 0.58 in Kimi-K2)."""


DENSE_SHARE = 0.95
"""Active over all parameters from which a model known by its counts is taken as dense: published active counts often leave the vocabulary out."""
ROUTED_WIDTH, ROUTED_ASPECT, ROUTED_CHOSEN, ROUTED_VOCABULARY = 1.7, 80.0, 8.0, 131_072.0
"""Of mixtures of experts whose shape is not published, near the medians of eight that are (DeepSeek-V3, Kimi-K2, GLM-5, two Qwen3, MiniMax-M2.5,
gpt-oss-120b, Llama 4 Scout): hidden width over the cube root of active parameters 1.4 to 2.3, over layers 44 to 118; experts chosen; words."""
LATENT_VALUES = (192 + 128) / (2 * 192)
"""Mean width of keys and values over that of keys, where attention is latent (DeepSeek-V3, Kimi-K2)."""


@dataclass(frozen=True)
class Shape:
    """One architecture as training sees it; parameters are counts."""

    name: str
    layers: float
    """Blocks that a token passes: in a hybrid, attention, Mamba and expert blocks count one each."""
    hidden: float
    query: float
    """Heads times their width."""
    kv: float
    """Width of keys and values together."""
    heads: float
    full: float
    """Layers whose attention sees the whole sequence."""
    windowed: float
    """Layers whose attention sees `WINDOW` tokens."""
    mamba: float
    """Layers with a state instead of attention."""
    moe_layers: float
    experts: float
    per_token: float
    """Routed experts of a token; 0 in a dense model."""
    expert_width: float
    """Feed-forward width of one routed expert."""
    travel: float
    """Width of what travels to an expert: hidden, or the latent width where experts act in it."""
    vocabulary: float
    body: float
    """Parameters that multiply every token: projections of attention and Mamba, dense feed-forward and shared experts, all layers."""
    routed: float
    """Parameters of all routed experts of all layers."""
    total: float
    """All parameters, vocabulary matrices included."""
    latent: bool = False
    """Whether attention goes through latent projections."""
    guessed: bool = False
    """Whether the widths are those usual at its size."""

    @property
    def lineage(self) -> str:
        """Whose kernels it shares: those of latent attention, whoever the maker, else of models whose name begins alike."""
        return "latent" if self.latent else re.split(r"[-.0-9]", self.name, maxsplit=1)[0]

    @property
    def active(self) -> float:
        """Parameters that multiply one token: body, routed experts of the token, and the last vocabulary matrix."""
        share = self.per_token / self.experts if self.experts else 0.0
        return self.body + share * self.routed + self.vocabulary * self.hidden


def shape(known: Known, name: str, *, params: float = math.nan, active: float = math.nan) -> Shape:
    """The shape of the model as rows and users name it; `params` and `active` (counts) serve a model that facts do not describe.

    Known by its counts alone, a model gets the widths usual at its size (`sized`; `mixture` where fewer parameters work on a token than there are).
    Raises FactError, with the nearest known names, for a model of which nothing is known.
    """
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if f"model-{slug}-hidden" in known:
        return described(Basis(known), slug, name)
    spelt = SPELT.fullmatch(name)
    if spelt:
        hidden, layers = (float(number) for number in spelt.groups())
        return _plain(name, hidden, layers, 16.0 if hidden <= 2048 else hidden / HEAD_WIDTH, VOCABULARY, guessed=False)
    if math.isfinite(active) and 0 < active < DENSE_SHARE * params:
        return mixture(name, params, active)
    if not math.isfinite(params) or params <= 0:
        models = sorted({fact.split("-")[1] for fact in known if fact.startswith("model-")})
        raise FactError(f"nothing is known of the model {name}, and its number of parameters is not given. {suggestion(slug, models, 'models')}")
    return sized(name, params)


def sized(name: str, params: float) -> Shape:
    """A dense model with the widths usual at its number of parameters: 12 L h^2 with h = `ASPECT` L, plain feed-forward."""
    layers = max(2.0, float(round((params / (12 * ASPECT**2)) ** (1 / 3))))
    hidden = math.sqrt(params / (12 * layers))
    return _plain(name, hidden, layers, max(1.0, hidden / HEAD_WIDTH), 32000, guessed=True, total=params)


def mixture(name: str, params: float, active: float) -> Shape:
    """A mixture of experts with the widths usual at its counts of all and of active parameters.

    h = `ROUTED_WIDTH` active^(1/3), L = h / `ROUTED_ASPECT`, attention of 4 L h^2, and of the rest of the active parameters, vocabulary left out, all
    is routed to `ROUTED_CHOSEN` experts of each layer; as many experts as the total asks for.
    """
    hidden = 128.0 * max(1.0, round(ROUTED_WIDTH * active ** (1 / 3) / 128))
    layers = max(2.0, float(round(hidden / ROUTED_ASPECT)))
    body = min(4 * layers * hidden**2, 0.5 * active)
    words = min(ROUTED_VOCABULARY * hidden, 0.25 * active)
    working = active - body - words
    experts = max(ROUTED_CHOSEN + 1, float(round(ROUTED_CHOSEN * (params - body - 2 * words) / working)))
    return Shape(
        name=name, layers=layers, hidden=hidden, query=hidden, kv=hidden / 4, heads=max(1.0, hidden / HEAD_WIDTH), full=layers, windowed=0.0,
        mamba=0.0, moe_layers=layers, experts=experts, per_token=ROUTED_CHOSEN, expert_width=working / (3 * ROUTED_CHOSEN * layers * hidden),
        travel=hidden, vocabulary=words / hidden, body=body, routed=working * experts / ROUTED_CHOSEN, total=params, guessed=True,
    )  # fmt: skip


def _plain(name: str, hidden: float, layers: float, heads: float, vocabulary: float, *, guessed: bool, total: float = 0.0) -> Shape:
    body = 12 * layers * hidden**2
    return Shape(
        name=name, layers=layers, hidden=hidden, query=hidden, kv=2 * hidden, heads=heads, full=layers, windowed=0.0, mamba=0.0, moe_layers=0.0,
        experts=0.0, per_token=0.0, expert_width=0.0, travel=hidden, vocabulary=vocabulary, body=body, routed=0.0,
        total=total or body + vocabulary * hidden, guessed=guessed,
    )  # fmt: skip


def described(basis: Basis, slug: str, name: str) -> Shape:
    """The shape of a model that facts describe; raises FactError for the one that lacks."""

    def count(attribute: str, default: float | None = None) -> float:
        fact = f"model-{slug}-{attribute}"
        return default if default is not None and not basis.has(fact) else basis.number(fact, "1")

    layers, hidden, heads, width = count("layers"), count("hidden"), count("heads"), count("head_dim")
    kv = 2 * count("kv_heads") * width
    moe, full = count("moe_layers", 0.0), count("attention_layers", layers)
    dense = count("dense_layers", layers - moe if full >= layers else 0.0)
    mamba = max(0.0, layers - moe - full) if moe + dense < layers else 0.0
    windowed = max(0.0, layers - full - mamba) if moe + dense >= layers else 0.0
    experts, per_token, expert_width = count("experts", 0.0), count("experts_per_token", 0.0), count("expert_ffn", 0.0)
    total, vocabulary = count("params_total", 0.0), count("vocab")
    latent = basis.has(f"model-{slug}-kv_lora_rank") or (count("kv_heads") == 1 and width >= 512)
    query = heads * width
    projections = (full + windowed) * hidden * (2 * query + kv) * (LATENT_SHARE if latent else 1.0)
    inner = MAMBA_EXPANSION * hidden
    states = mamba * hidden * (3 * inner + MAMBA_STATE)
    matrices, travel = _experts(total, hidden, moe * experts * expert_width, dense * count("ffn", 0.0), projections)
    routed = moe * experts * matrices * travel * expert_width
    shared = matrices * hidden * (dense * count("ffn", 0.0) + moe * count("shared_expert_ffn", 0.0))
    return Shape(
        name=name, layers=layers, hidden=hidden, query=query * (LATENT_VALUES if latent else 1.0), kv=kv, heads=heads, full=full,
        windowed=windowed, mamba=mamba, moe_layers=moe, experts=experts, per_token=per_token, expert_width=expert_width, travel=travel,
        vocabulary=vocabulary, body=projections + states + shared, routed=routed,
        total=total or projections + states + shared + routed + 2 * vocabulary * hidden, latent=latent,
    )  # fmt: skip


def _experts(total: float, hidden: float, widths: float, ffn: float, projections: float) -> tuple[float, float]:
    """Matrices of one feed-forward (3 gated, 2 plain) and the width that its experts act in.

    Facts do not say either; the published total does: three matrices of the hidden width where they fit into it, else two,
    else two of the latent width that the total leaves, in steps of 128.
    """
    if not total:
        return 3.0, hidden
    for matrices in (3.0, 2.0):
        if matrices * hidden * (widths + ffn) + 0.6 * projections <= total * 1.02:
            return matrices, hidden
    return 2.0, max(128.0, 128.0 * round((total - projections) / (2 * widths) / 128))
