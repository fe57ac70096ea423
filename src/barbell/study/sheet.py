"""One fact opened up: from the store or derived, with everything that stands behind it and everything that rests on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barbell import facts
from barbell.core.errors import FactError
from barbell.core.relations import Fact
from barbell.core.spelling import suggestion
from barbell.facts.find import terms, told
from barbell.study.known import known
from barbell.study.usage import Use, derived, formula, uses


@dataclass(frozen=True)
class Sheet:
    """A fact as known on a day. `versions` and `conflict` belong to facts of the store, `formula` and `inputs` to derived ones."""

    fact: Fact
    versions: tuple[facts.Figure, ...]
    conflict: facts.Conflict | None
    formula: str
    inputs: tuple[Fact, ...]
    uses: tuple[Use, ...]


def sheet(name: str, as_of: str = "9999-12-31") -> Sheet:
    """Open a fact; raises FactError, with the nearest name, when none is known under it on the day, and on a bad day."""
    stored = {figure.name for figure in facts.figures()}
    if name in stored:
        found = facts.fact(name, as_of)
        return Sheet(found, facts.versions(name), facts.resolved(name, as_of), "", (), uses(name))
    everything = known(as_of)
    if name not in everything:
        raise FactError(f"'{name}': there is no such fact. {suggestion(name, stored | set(everything), 'facts')}")
    words, inputs = formula(everything[name])
    return Sheet(everything[name], (), None, words, tuple(everything[one] for one in inputs if one in everything), uses(name))


def search(words: Sequence[str], as_of: str = "9999-12-31") -> tuple[Fact, ...]:
    """Facts in which every word occurs: those of the store, the closest first, then derived ones by name."""
    asked = terms(words)
    stored = tuple(facts.fact(figure.name, as_of) for figure in facts.find(words, as_of))
    made = sorted(derived(as_of).values(), key=lambda fact: fact.name)
    return (*stored, *(fact for fact in made if told(asked, f"{fact.name} {fact.source} {fact.note}")))
