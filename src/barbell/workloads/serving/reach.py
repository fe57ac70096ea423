"""How far a question lies from the rows of its chip, and what that costs.

Rows of a chip run between a least and a most number of requests in flight, tokens in, tokens out and chips of a replica. A question beyond one of
these ends is as many doublings away; over all four the distance is the root of the sum of squares. Nothing that was fitted fades on the way (held
against ends of curves that were left out, what a vendor's chips lose stays lost), but doubt grows: the square of a half-width grows
by the same amount with every doubling, as that of a random walk does. How much is learned from such ends: of each chip the rows beyond its
lower quarter and beyond its middle are left out, along each of the four in turn (of a vendor with few rows, those of its other chips as well).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from barbell.workloads.chip import maker
from barbell.workloads.serving.deployment import Deployments
from barbell.workloads.serving.effects import NATIVE, Numbers

Boxes = Mapping[str, Numbers]
"""By chip the least of the four logarithms and then the most: eight numbers."""
FAR = 1e3
"""Distance from rows that there are not."""
ENDS = (0.25, 0.5)
"""Shares of a chip's rows that stay when an end of them is left out."""
LEAST = 8
"""Rows of a chip on either side of a cut, below which it teaches nothing."""
MOST = 1.0
"""Largest growth of the square of a half-width by doubling that is looked for."""


def places(asked: Deployments) -> Numbers:
    """Binary logarithms of requests in flight, tokens in, tokens out and chips, entries x 4."""
    columns = [np.maximum(column, 1.0) for column in (asked.flight, asked.tokens_in, asked.tokens_out, asked.chips)]
    found: Numbers = np.log2(np.stack(columns, axis=1))
    return found


def boxes(asked: Deployments) -> dict[str, Numbers]:
    """Where the entries of each chip lie."""
    at = places(asked)
    rows = {name: at[asked.chip.codes == code] for code, name in enumerate(asked.chip.names)}
    return {name: np.concatenate([part.min(axis=0), part.max(axis=0)]) for name, part in rows.items() if len(part)}


def joined(first: Boxes, second: Boxes) -> dict[str, Numbers]:
    """What two sets of rows cover together."""
    both = {name: [boxes[name] for boxes in (first, second) if name in boxes] for name in sorted({*first, *second})}
    return {name: _around(parts) for name, parts in both.items()}


def distances(asked: Deployments, known: Boxes) -> tuple[Numbers, Numbers]:
    """Doublings from the rows of the chip and from those of all chips of its vendor; `FAR` where there are none."""
    vendors: dict[str, list[Numbers]] = {}
    for name, box in known.items():
        vendors.setdefault(maker(name).lower(), []).append(box)
    around = {name: _around(parts) for name, parts in vendors.items()}
    at = places(asked)
    own = np.stack([known.get(name, _nowhere()) for name in asked.chip.names])[asked.chip.codes]
    kin = np.stack([around.get(name, _nowhere()) for name in asked.vendor.names])[asked.vendor.codes]
    return _outside(at, own), _outside(at, kin)


def growth(
    asked: Deployments, clean: NDArray[np.bool_], width: Numbers, errors: Mapping[str, Numbers], cuts: Mapping[str, NDArray[np.bool_]]
) -> dict[str, float]:
    """By vendor, how much the square of a half-width grows with a doubling, so that four fifths of the rows at left-out ends lie inside.

    `errors` are those of all rows when those of the cut are left out, `width` their half-widths at home. Each chip counts alike.
    """
    judged: dict[str, list[Numbers]] = {}
    for name, out in cuts.items():
        chip = asked.chip.codes == asked.chip.names.index(name.split("|")[0])
        rows = chip & out & clean
        if not rows.any():
            continue
        home = next(iter(boxes(asked.take(chip & ~out)).values()))
        far = _outside(places(asked.take(rows)), np.tile(home, (int(rows.sum()), 1)))
        share = np.full(len(far), 1.0 / len(far))
        judged.setdefault(maker(name).lower(), []).append(np.stack([np.abs(errors[name][rows]), width[rows], far, share]))
    return {vendor: _grown(np.concatenate(parts, axis=1)) for vendor, parts in sorted(judged.items())}


def _grown(rows: Numbers) -> float:
    """The least growth with which four fifths lie inside; rows are errors, half-widths at home, doublings and what each counts."""
    errors, home, far, share = rows
    low, high = 0.0, MOST
    for _ in range(20):
        middle = (low + high) / 2
        inside = float(np.average(errors <= np.sqrt(home**2 + middle * far), weights=share))
        low, high = (middle, high) if inside < 0.8 else (low, middle)
    return high


def ends(asked: Deployments) -> dict[str, NDArray[np.bool_]]:
    """Masks of rows that are left out together, named by chip, column and share that stays."""
    at, found = places(asked), {}
    for code, name in enumerate(asked.chip.names):
        chip = asked.chip.codes == code
        kin = chip if maker(name).lower() in NATIVE else asked.vendor.codes == asked.vendor.codes[chip.argmax()]
        for column in range(at.shape[1]):
            for share in ENDS:
                beyond = at[:, column] > np.quantile(at[chip, column], share) if chip.any() else chip
                if min((chip & beyond).sum(), (chip & ~beyond).sum()) >= LEAST:
                    found[f"{name}|{column}|{share}"] = kin & beyond
    return found


def _around(parts: list[Numbers]) -> Numbers:
    every = np.stack(parts)
    return np.concatenate([every[:, :4].min(axis=0), every[:, 4:].max(axis=0)])


def _nowhere() -> Numbers:
    return np.concatenate([np.full(4, FAR), np.full(4, FAR)])


def _outside(at: Numbers, box: Numbers) -> Numbers:
    over = np.maximum(np.maximum(box[:, :4] - at, at - box[:, 4:]), 0.0)
    away: Numbers = np.minimum(np.sqrt((over**2).sum(axis=1)), FAR)
    return away
