"""Intervals: how far rows lay from predictions that had not seen them, by how much of the question was known.

The classes are: a known cell (this model on this chip with this engine and precision was fitted in another configuration), an unseen
cell of known parts, an unseen chip, an unseen model, both; and deployments with more requests than fit, where a queue decides. Half-widths
are 80 % quantiles of errors in cross-validation (`folds`) over rows of grade A and B, in logarithms;
in a known cell each chip has its own, drawn towards that of all. A chip that only micro-benchmarks tell of (`micro`) has one of its own as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.serving.deployment import CAPACITY, Deployments
from barbell.workloads.serving.effects import MEASURED, Group, Key, Numbers, Weights, keys
from barbell.workloads.serving.fit import Normal, Sample
from barbell.workloads.serving.physics import running

CLASSES = ("known", "cell", "chip", "model", "both", "queue")
LEAST = 0.03
"""Half-width below which no interval goes: repeated runs of one configuration differ as much."""
FOREIGN = 0.58
"""Half-width for a vendor without rows: 1.28 times a deviation of 0.45, which is judgement."""
DRAWN = 40.0
"""Rows that the half-width of all chips counts beside those of one."""
FEW = 20
"""Rows of a chip below which it is drawn towards the half-width of unseen cells."""
FOLDS = 5

Fold = NDArray[np.int64]


def novelty(asked: Deployments, weights: Weights, groups: tuple[Group, ...]) -> NDArray[np.int64]:
    """Position in `CLASSES` of each entry."""
    by_name = {group.name: group for group in groups}
    cell = "cell" if "cell" in by_name else "task"
    model = "pair" if "pair" in by_name else "model"
    chip_known = _known(asked, by_name["chip"], weights.get("chip", {}))
    pairs: set[Key] = {(key[0],) for key in weights.get(model, {})}
    model_known = _known(asked, Group("model", ("model",), "level", 1.0), pairs)
    cell_known = _known(asked, by_name[cell], weights.get(cell, {}))
    found = np.where(cell_known, 0, 1)
    found = np.where(~chip_known & model_known, 2, np.where(chip_known & ~model_known, 3, np.where(~chip_known & ~model_known, 4, found)))
    capacity = np.isin(asked.mode.codes, [k for k, name in enumerate(asked.mode.names) if name in CAPACITY])
    return np.where(~capacity & (found < 2) & (asked.flight > running(asked)), 5, found)


def _known(asked: Deployments, group: Group, members: Mapping[Key, Numbers] | set[Key]) -> NDArray[np.bool_]:
    codes, words = keys(asked, group)
    return np.array([word in members for word in words], dtype=bool)[codes]


def half_widths(asked: Deployments, spread: Mapping[str, float], weights: Weights, groups: tuple[Group, ...]) -> Numbers:
    """Half-width of the 80 % interval of each entry, in logarithms."""
    at = novelty(asked, weights, groups)
    wide = np.array([spread.get(name, FOREIGN) for name in CLASSES])
    own = np.array([spread.get(f"known_{name}", wide[0]) for name in asked.chip.names])
    vendors = {key[0] for key in weights.get("vendor", {})} | {"nvidia"}
    foreign = np.array([name not in vendors for name in asked.vendor.names])
    found = np.where(at == 0, own[asked.chip.codes], wide[at])
    found = np.where(foreign[asked.vendor.codes], np.maximum(found, FOREIGN), found)
    table = [[spread.get(f"{MEASURED.name}_{name}+{kind}", math.inf) for kind in asked.precision.names] for name in asked.chip.names]
    told = np.array(table)[asked.chip.codes, asked.precision.codes]
    unseen = (at == CLASSES.index("chip")) | (at == CLASSES.index("both"))
    told = np.where(at == CLASSES.index("both"), np.hypot(told, wide[CLASSES.index("model")]), told)
    return np.where(unseen, np.minimum(found, told), found)


def folds(sample: Sample, seed: int) -> dict[str, Fold]:
    """Which fold each row falls into, by what is left out: configuration, cell, chip, model."""
    rng = np.random.default_rng(seed)
    cells = ["|".join(word) for word in zip(sample.asked.model.words, sample.asked.chip.words, sample.asked.generation.words, strict=True)]
    return {
        "configuration": _folds([str(word) for word in sample.rows["config_id"]], FOLDS, rng),
        "cell": _folds(cells, FOLDS, rng),
        "chip": _folds(sample.asked.chip.words, 99, rng),
        "model": _folds(sample.asked.model.words, 99, rng),
    }


def _folds(words: list[str], count: int, rng: np.random.Generator) -> Fold:
    names = sorted(set(words))
    place = dict(zip(names, rng.permutation(len(names)) % count, strict=True))
    return np.array([place[word] for word in words], dtype=np.int64)


def classes(asked: Deployments, groups: tuple[Group, ...], fold: Fold) -> NDArray[np.int64]:
    """Position in `CLASSES` of each entry when its fold is left out."""
    found = np.zeros(len(asked), dtype=np.int64)
    for one in np.unique(fold):
        out = fold == one
        weights: dict[str, dict[Key, Numbers]] = {}
        for group in groups:
            codes, words = keys(asked, group)
            weights[group.name] = {words[code]: np.zeros(1) for code in np.unique(codes[~out])}
        found[out] = novelty(asked.take(out), weights, groups)
    return found


def measured_spread(sample: Sample, groups: tuple[Group, ...], made: Normal, seed: int) -> dict[str, float]:
    """Half-widths by class, from the errors that each row has when its fold is left out."""
    if len(made.off) < 2 * FOLDS:
        return {}
    cuts = folds(sample, seed)
    clean = sample.rows["grade"] != "C"
    clean = clean if clean.sum() >= 2 * FOLDS else np.ones(len(clean), dtype=bool)
    results = {name: (made.left_out(fold)[clean], classes(sample.asked, groups, fold)[clean]) for name, fold in cuts.items()}
    errors, at = results["configuration"]
    chips = sample.asked.chip.codes[clean]
    found: dict[str, float] = {}
    found["known"] = _quantile(errors[at == 0], 0.25)
    for code, name in enumerate(sample.asked.chip.names):
        own = errors[(at == 0) & (chips == code)]
        if (sample.asked.chip.codes == code).any():
            weight = len(own) / (len(own) + DRAWN)
            common = found["known"] if len(own) >= FEW else max(found["known"], _quantile(results["cell"][0][results["cell"][1] == 1], 0.4))
            found[f"known_{name}"] = math.exp(weight * math.log(_quantile(own, common)) + (1 - weight) * math.log(common))
    found["queue"] = max(_quantile(errors[at == 5], 0.5), found["known"])
    for name, code in (("cell", 1), ("chip", 2), ("model", 3)):
        errors, at = results[name]
        found[name] = max(_quantile(errors[at == code], 0.4), found["known"])
    found["both"] = math.hypot(found["chip"], found["model"])
    return {name: found[name] for name in sorted(found)}


def _quantile(errors: Numbers, default: float) -> float:
    return max(float(np.quantile(np.abs(errors), 0.8)), LEAST) if len(errors) >= 8 else default
