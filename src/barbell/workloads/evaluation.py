"""How good predictions are: error, ranking of chips and coverage of intervals against measured rows.

A prediction never sees what it is compared with; this file sees both and nothing else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = Sequence[Hashable] | NDArray[np.object_]
APART = 0.10
"""Logarithm by which two chips must differ for `Evaluation.tau_apart`: three of four repeated runs of one configuration lie closer."""


@dataclass(frozen=True)
class Prediction:
    """One value per row with its 80 % interval; NaN and a reason where a row is refused."""

    value: Numbers
    low: Numbers
    high: Numbers
    refused: Sequence[str]
    """Reason per row in words, "" where the row is answered."""

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Whether each row has a value."""
        return np.array([not reason for reason in self.refused], dtype=bool)

    def take(self, which: NDArray[np.int64]) -> Prediction:
        """The rows at these positions."""
        return Prediction(self.value[which], self.low[which], self.high[which], tuple(self.refused[int(n)] for n in which))


@dataclass(frozen=True)
class Score:
    """Errors over some rows; NaN where there are none."""

    rows: int
    """With a measured value."""
    covered: int
    """Of these, how many were answered."""
    mape: float
    """Mean of |predicted / measured - 1| in percent."""
    median_ape: float
    p90_ape: float
    bias: float
    """Mean of ln(predicted / measured)."""
    coverage80: float
    """Share of the answered rows whose measured value lies inside the interval, in percent."""


@dataclass(frozen=True)
class Evaluation:
    """A score over all rows, the ranking of chips, reasons of refusal, and scores by group."""

    score: Score
    refused: Mapping[str, int]
    """How many rows by reason."""
    kendall_tau: float
    """Ranking of chips within workloads, pooled; NaN where no workload has two chips."""
    ranked_pairs: int
    tau_apart: float = math.nan
    """The same over pairs measured more than `APART` apart: closer ones differ by no more than a repeated run."""
    pairs_apart: int = 0
    groups: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    """Score by group and its name, such as ``groups["chip"]["H100"]``."""


def evaluate(
    measured: Numbers, prediction: Prediction, *, chips: Labels, workloads: Labels, groups: Mapping[str, Labels], rising: bool = True
) -> Evaluation:
    """Compare a prediction with measured values (NaN where a row has none: it is left out).

    `chips` and `workloads` label each row for the ranking (see `ranking`), `groups` names further labels to score by. `rising` says whether more is
    better (tokens/s) or less is (milliseconds).
    """
    stated = np.isfinite(measured)
    answered = stated & prediction.answered
    reasons = Counter(reason for reason, asked in zip(prediction.refused, stated, strict=True) if asked and reason)
    sign = 1.0 if rising else -1.0
    which = [int(n) for n in np.flatnonzero(answered)]
    true, told = sign * np.log(measured[which]), sign * np.log(prediction.value[which])
    chip, workload = [chips[n] for n in which], [workloads[n] for n in which]
    (tau, pairs), (clear, apart) = (ranking(true, told, chip, workload, least=least) for least in (0.0, APART))
    by: dict[str, dict[str, Score]] = {}
    for name, labels in groups.items():
        texts = np.array([str(label) for label in labels], dtype=object)
        found = sorted(set(texts[stated]))
        by[name] = {label: score(measured, prediction, stated & (texts == label)) for label in found}
    return Evaluation(score(measured, prediction, stated), dict(reasons.most_common()), tau, pairs, clear, apart, by)


def score(measured: Numbers, prediction: Prediction, rows: NDArray[np.bool_]) -> Score:
    """Errors over the rows of a mask that have a measured value."""
    rows = rows & np.isfinite(measured)
    which = rows & prediction.answered
    if not which.any():
        return Score(int(rows.sum()), 0, *(math.nan,) * 5)
    true = measured[which]
    off = 100 * np.abs(prediction.value[which] / true - 1)
    inside = (prediction.low[which] <= true) & (true <= prediction.high[which])
    return Score(
        rows=int(rows.sum()),
        covered=int(which.sum()),
        mape=float(off.mean()),
        median_ape=float(np.median(off)),
        p90_ape=float(np.quantile(off, 0.9)),
        bias=float(np.log(prediction.value[which] / true).mean()),
        coverage80=100 * float(inside.mean()),
    )


def ranking(measured: Numbers, predicted: Numbers, chips: Labels, workloads: Labels, *, least: float = 0.0) -> tuple[float, int]:
    """Kendall's tau of the chips of each workload, pooled over workloads, and the number of pairs.

    Within a workload each chip counts once, by the median of its rows; more is better. Of every two chips the pair is concordant where
    prediction and measurement put the same one first; tau = (concordant - discordant) / pairs, pairs measured no more than `least` apart left out.
    """
    cells: defaultdict[Hashable, defaultdict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
    for n, (workload, chip) in enumerate(zip(workloads, chips, strict=True)):
        cells[workload][chip].append(n)
    agreed = pairs = 0
    for members in cells.values():
        true = np.array([np.median(measured[rows]) for rows in members.values()])
        told = np.array([np.median(predicted[rows]) for rows in members.values()])
        first, second = np.triu_indices(len(true), 1)
        gap = true[first] - true[second]
        order = np.where(np.abs(gap) > least, np.sign(gap), 0.0)
        agreed += int((order * np.sign(told[first] - told[second])).sum())
        pairs += int((order != 0).sum())
    return (agreed / pairs if pairs else math.nan), pairs
