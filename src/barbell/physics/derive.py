"""The facts of this room: power of chips, PUE of sites, capex of rungs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.physics.cooling import derive_cooling, derive_draw
from barbell.physics.ladder import derive_ladder
from barbell.physics.power import derive_power


def derive(known: Mapping[str, Fact]) -> tuple[Fact, ...]:
    """All facts of physics that `known` facts allow; `gaps` says why others lack."""
    return tuple(result for result in _results(known) if isinstance(result, Fact))


def gaps(known: Mapping[str, Fact]) -> tuple[str, ...]:
    """Why facts could not be derived, each reason once."""
    return tuple(dict.fromkeys(str(result) for result in _results(known) if isinstance(result, FactError)))


def _results(known: Mapping[str, Fact]) -> Iterator[Fact | FactError]:
    cooling = tuple(derive_cooling(known))
    drawn = derive_draw({**known, **{result.name: result for result in cooling if isinstance(result, Fact)}})
    return chain(derive_power(known), cooling, drawn, derive_ladder(known))
