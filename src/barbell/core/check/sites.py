"""Sites: where assets can stand, where processes can run, and what is booked where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from barbell.core.case import Case
from barbell.core.check.told import told
from barbell.core.errors import Fault
from barbell.core.nouns import Process, Resource
from barbell.core.relations import Option, Use
from barbell.core.spelling import suggestion

Standing = Mapping[str, frozenset[str]]


def standing(case: Case) -> Standing:
    """Places at which each asset stands or may stand: by an option, a cohort or a conversion of what may stand there."""
    found: dict[str, set[str]] = defaultdict(set)
    for option in case.tables.options:
        found[option.asset].update(case.spread(option.place))
    for cohort in case.tables.cohorts:
        found[cohort.asset].add(cohort.place)
    for _ in case.tables.conversions:  # as many rounds as the longest chain of conversions can have
        for conversion in case.tables.conversions:
            found[conversion.target] |= found[conversion.source]
    return {asset: frozenset(spots) for asset, spots in found.items()}


def running(case: Case) -> Mapping[str, tuple[str, ...]]:
    """Places at which each process can run: those of its `where` at which all that it uses can stand."""
    stands, uses = standing(case), _uses(case)
    return {
        process.name: tuple(place for place in case.spread(process.where) if all(_served(case, use, place, stands) for use in uses[process.name]))
        for process in case.tables.processes
    }


def _uses(case: Case) -> Mapping[str, list[Use]]:
    found: dict[str, list[Use]] = defaultdict(list)
    for use in case.tables.uses:
        found[use.process].append(use)
    return found


def _served(case: Case, use: Use, place: str, stands: Standing) -> bool:
    spots = stands.get(use.asset, frozenset())
    return use.place in spots if use.place else any(above in spots for above in case.lineage[place])


def account_place(case: Case, resource: Resource, place: str) -> str | None:
    """Place of the account to which something at `place` is booked; None when no place around it has the resource's level."""
    return next((above for above in case.lineage[place] if case.places[above].kind == resource.level), None)


def where(case: Case) -> Iterator[Fault]:
    """What names a place or a kind of place names one that exists."""
    kinds = {place.kind for place in case.tables.places}
    for option in case.tables.options:
        if not case.spread(option.place):
            fix = suggestion(option.place, kinds | case.places.keys(), "places and kinds")
            yield told(case, option, "place", "no place and no kind of place has this name", fix)
    for process in case.tables.processes:
        if not case.spread(process.where):
            fix = suggestion(process.where, kinds | case.places.keys(), "places and kinds")
            yield told(case, process, "where", "no place and no kind of place has this name", fix)
    for resource in case.tables.resources:
        if resource.level not in kinds:
            yield told(case, resource, "level", "no place is of this kind", suggestion(resource.level, kinds, "kinds of place"))


def options(case: Case) -> Iterator[Fault]:
    """An asset is offered at a place once."""
    seen: dict[tuple[str, str], Option] = {}
    for option in case.tables.options:
        for place in case.spread(option.place):
            other = seen.setdefault((option.asset, place), option)
            if other is not option:
                spot = case.where("options", other.id, "")
                problem = f"'{option.asset}' is offered at '{place}' already, in {spot}"
                yield told(case, option, "place", problem, "Keep one of the two options for each place")


def assets(case: Case) -> Iterator[Fault]:
    """Every asset can stand somewhere."""
    stands = standing(case)
    for asset in case.tables.assets:
        if not stands.get(asset.name):
            fix = "Add an option (options.csv), a cohort or a conversion into it, or remove the asset"
            yield told(case, asset, "name", "the asset can never stand anywhere", fix)


def processes(case: Case) -> Iterator[Fault]:
    """Every process can run somewhere."""
    stands, uses, runs = standing(case), _uses(case), running(case)
    for process in case.tables.processes:
        if case.spread(process.where) and not runs[process.name]:
            lacking = [use.asset for use in uses[process.name] if not _anywhere(case, process, use, stands)]
            reason = f"at '{process.where}' or above nothing lets {', '.join(lacking)} stand" if lacking else "no place has all that it uses"
            problem = f"the process can run nowhere: {reason}"
            yield told(case, process, "where", problem, "Add options for what it uses, or let it run elsewhere")


def _anywhere(case: Case, process: Process, use: Use, stands: Standing) -> bool:
    return any(_served(case, use, place, stands) for place in case.spread(process.where))


def gates(case: Case) -> Iterator[Fault]:
    """A milestone asks for something that can stand where it asks."""
    stands = standing(case)
    for gate in case.tables.gates:
        if not any(case.inside(place, gate.place) for place in stands.get(gate.asset, ())):
            problem = f"'{gate.asset}' can never stand at '{gate.place}' or below"
            yield told(case, gate, "place", problem, "Add an option for it there, or move the milestone")
