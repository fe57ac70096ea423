"""How single chips, models, engines and formats differ from the closed form: small sums in its logarithm, each shrunk to nothing without rows.

A group gives every value of a label (a chip; a model with an engine) one number that adds to the logarithm of the prediction, or six that stretch
one term of the step each (`physics.TERMS`, weighted by its share), or four that bend it along the logarithms of sequences, tokens in,
tokens out and chips. Each has a prior of mean 0 and a standard deviation: what the group may explain. Nothing is fitted per configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.physics import Step

Numbers = NDArray[np.float64]
Key = tuple[str, ...]
Weights = Mapping[str, Mapping[Key, Numbers]]
"""Numbers by group and by the words of its labels."""


@dataclass(frozen=True)
class Group:
    """Effects of one label or of a combination of labels."""

    name: str
    labels: tuple[str, ...]
    basis: str
    """level, terms, bend or surface."""
    spread: float
    """Standard deviation of the prior, in logarithms."""
    own: bool = False
    """Whether only rows of one's own, added to a calibration, have it."""


MEASURED = Group("measured", ("chip", "precision"), "terms", 0.15, own=True)
"""What micro-benchmarks tell of a chip without rows; `micro.tightened` sets it, no fit does."""
STEP = (
    Group("vendor", ("vendor",), "level", 0.30),
    Group("chip", ("chip",), "level", 0.08),
    Group("generation", ("generation",), "level", 0.05),
    Group("precision", ("precision",), "level", 0.05),
    Group("pair", ("model", "engine"), "level", 0.05),
    Group("cell", ("model", "chip", "generation", "precision"), "level", 0.15),
    Group("mode", ("mode",), "level", 0.20),
    Group("vendor_terms", ("vendor",), "terms", 0.15),
    Group("generation_terms", ("generation",), "terms", 0.05),
    Group("layout_terms", ("layout",), "terms", 0.075),
    Group("surface", (), "surface", 0.005),
    Group("bend", ("model",), "bend", 0.03),
    Group("own", ("model", "chip", "generation", "precision"), "terms", 0.15, own=True),
    Group("own_surface", ("model", "chip", "generation", "precision"), "surface", 0.06, own=True),
    MEASURED,
)
"""Effects on the time per token."""
FIRST = tuple(replace(group, spread=2.0 * group.spread) for group in STEP)
"""Effects on the time to the first token, about which the closed form says less."""
FULL = (
    Group("vendor", ("vendor",), "level", 0.30),
    Group("chip", ("chip",), "level", 0.08),
    Group("precision", ("precision",), "level", 0.20),
    Group("campaign", ("campaign",), "level", 0.40),
    Group("regime", ("vendor", "mode"), "level", 0.20),
    Group("task", ("chip", "campaign"), "level", 0.08),
    Group("model", ("model",), "level", 0.15),
    Group("maker", ("engine",), "level", 0.05),
    Group("surface", (), "surface", 0.03),
    Group("bend", ("model",), "bend", 0.05),
    MEASURED,
)
"""Effects on the most throughput."""
NATIVE = frozenset({"nvidia"})
"""The vendor whose chips are most of the rows: the closed form is taken to be theirs, so that it has no effect of its own."""
_CENTRE = np.array([4.0, 10.3, 10.0, 1.9])
_SCALE = np.array([2.2, 1.43, 1.43, 0.9])
REACH = 2.5
"""How far, in these units, the fitted rows go: nothing bends beyond."""
WIDTH = {"level": 1, "terms": 6, "bend": 4, "surface": 14}
"""Numbers per value of a label by basis."""


def shape(asked: Deployments, found: Step) -> Numbers:
    """Logarithms of sequences, tokens in, tokens out and chips, centred and scaled, entries x 4; held at the ends of the rows."""
    logs = np.log2(np.stack([found.running, asked.tokens_in, asked.tokens_out, np.maximum(asked.chips, 1.0)], axis=1))
    held: Numbers = np.clip((logs - _CENTRE) / _SCALE, -REACH, REACH)
    return held


def bases(asked: Deployments, found: Step) -> dict[str, Numbers]:
    """Columns that the numbers of each basis multiply."""
    bend = shape(asked, found)
    squares = [bend[:, a] * bend[:, b] for a, b in combinations_with_replacement(range(4), 2)]
    surface = np.clip(np.concatenate([bend, np.stack(squares, axis=1)], axis=1), -4.0, 4.0)
    return {"level": np.ones((len(asked), 1)), "terms": found.shares, "bend": bend, "surface": surface}


def shared(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups of a calibration that starts from nothing."""
    return tuple(group for group in groups if not group.own)


def chiefly(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups that rows of one's own may move: those of their chip, which leave other chips as they are."""
    return tuple(group for group in groups if "chip" in group.labels and group.name != MEASURED.name)


def keys(asked: Deployments, group: Group) -> tuple[NDArray[np.int64], list[Key]]:
    """Code of each entry and the words of each code, over all combinations of the labels' names."""
    codes = np.zeros(len(asked), dtype=np.int64)
    words: list[Key] = [()]
    for name in group.labels:
        label = getattr(asked, name)
        codes = codes * len(label.names) + label.codes
        words = [(*before, word) for before in words for word in label.names]
    return codes, words


def design(asked: Deployments, found: Step, groups: tuple[Group, ...]) -> tuple[Numbers, list[tuple[str, Key]]]:
    """Matrix of entries x numbers, each column times its prior's deviation, and (group, key) of every `WIDTH` columns in their order."""
    columns = bases(asked, found)
    blocks: list[Numbers] = []
    names: list[tuple[str, Key]] = []
    for group in groups:
        codes, words = keys(asked, group)
        used = np.array([code for code in np.unique(codes) if not (group.labels[:1] == ("vendor",) and words[code][0] in NATIVE)], dtype=np.int64)
        basis = columns[group.basis]
        marks = (codes[:, None] == used[None, :]).astype(np.float64)
        blocks.append((marks[:, :, None] * basis[:, None, :]).reshape(len(asked), -1) * group.spread)
        names += [(group.name, words[code]) for code in used]
    return np.concatenate(blocks, axis=1), names


def effect(asked: Deployments, found: Step, groups: tuple[Group, ...], weights: Weights) -> Numbers:
    """What the effects add to the logarithm, entry by entry; 0 for what has none."""
    columns = bases(asked, found)
    total = np.zeros(len(asked))
    for group in groups:
        known = weights.get(group.name, {})
        if not known:
            continue
        codes, words = keys(asked, group)
        table = np.zeros((len(words), WIDTH[group.basis]))
        places = {word: at for at, word in enumerate(words)}
        for key in min(known, places, key=len):
            if key in known and key in places:
                table[places[key]] = known[key]
        total += np.einsum("ij,ij->i", columns[group.basis], table[codes])
    return total
