"""Why a level cannot be kept, and the best within reach, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barbell.workloads.serving.effects import Numbers
from barbell.workloads.serving.level import Level
from barbell.workloads.serving.option import Options


def unreached(chip: str, model: str, level: Level, tried: Mapping[str, Options]) -> str:
    """Each level that no option keeps, with the best of it; where each can be kept alone, the best of the second while the first is kept.

    `tried` has the options by format of the weights; some option serves.
    """
    token = {name: np.where(found.rate.value > 0, level.per_token(found.token).value, np.inf) for name, found in tried.items()}
    first = {name: np.where(found.rate.value > 0, level.to_first(found.first).value, np.inf) for name, found in tried.items()}
    at = f" at the {level.percentile}th percentile" if level.tail else ""
    told = []
    fastest, how = _least(token, tried)
    if fastest > level.token:
        told.append(f"a token every {level.token * 1e3:g} ms{at}; the best it reaches is {_ms(fastest)} {how}")
    soonest, how = _least(first, tried)
    if soonest > level.first:
        told.append(f"the first token within {level.first * 1e3:g} ms{at}; the best it reaches is {_ms(soonest)} {how}")
    if told:
        return f"{chip} does not give {model} " + "; nor ".join(told)
    both = {name: np.where(token[name] <= level.token, first[name], np.inf) for name in tried}
    soonest, how = _least(both, tried)
    return (
        f"{chip} gives {model} a token every {level.token * 1e3:g} ms or the first token within {level.first * 1e3:g} ms, not both{at}; "
        f"at that time per token the best first token it reaches is {_ms(soonest)} {how}"
    )


def _least(times: Mapping[str, Numbers], tried: Mapping[str, Options]) -> tuple[float, str]:
    """The least time and how it is reached."""
    name = min(times, key=lambda key: float(times[key].min()))
    at = int(times[name].argmin())
    one = tried[name].one(at)
    flight = float(one.asked.flight[0])
    chips = f"{one.asked.chips[0]:g}"
    if one.pools:
        chips = f"{one.pools.reader_chips[0]:g} and {chips}"
    return float(times[name][at]), f"with {chips} chips and {flight:g} request{'s' if flight > 1 else ''} in flight ({name})"


def _ms(seconds: float) -> str:
    """Milliseconds with three digits; whole ones in full."""
    told = float(f"{seconds * 1e3:.3g}")
    return f"{seconds * 1e3:.0f} ms" if told >= 1000 else f"{told:g} ms"
