"""The SEC's company facts to figures of the store: the traps of this source, each turned into a rule.

Read: values of a whole company, under tags of the table `tags.csv`, in its unit, over periods of whole quarters. Refused, with the
reason: parts of a company (the source has none, and the whole is never put in their place), other units, odd periods, what the table
names as misleading, and values that contradict each other. Computed, grade M: quarters from year-to-date values, and sums of two series.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

from barbell.core.errors import FactError
from barbell.facts.calendar import Span, fiscal, label, span
from barbell.facts.disclosure import Disclosure, Filings, disclosures
from barbell.facts.figure import Figure
from barbell.facts.intake import Intake, Refusal, ordered
from barbell.facts.mapping import Company, Mapping, companies, mappings
from barbell.facts.quarters import misfit, quarters
from barbell.facts.store import figures as store
from barbell.facts.version import History, Version, history, total

_MILLION = Decimal(10) ** 6
_UNITS: dict[str, tuple[str, Decimal]] = {
    "USD": ("MUSD{year}", _MILLION),
    "USD/shares": ("USD{year}/unit", Decimal(1)),
    "shares": ("Munit", _MILLION),
}
"""Unit of a filing to the store's unit (money of the year in which the period ends) and what one of it divides by."""

Refuse = Callable[[str, str], None]
"""Called with what was refused and why."""


@dataclass
class _Series:
    """One series of the store: its histories by span, and the mapping that gave each."""

    spans: dict[Span, History] = field(default_factory=dict)
    givers: dict[Span, Mapping] = field(default_factory=dict)
    unit: str = "USD"


def companyfacts(path: Path) -> Intake:
    """Figures of the company whose file of company facts this is.

    Raises FactError as `disclosures` does, for a company that the table does not have, and where the file has none of its tags.
    """
    concepts = {line.concept for line in mappings() if line.kind != "computed"}
    filings = disclosures(path, concepts.__contains__)
    company = _company(filings, path.name)
    lines = [line for line in mappings() if line.entity == company.entity]
    refused: Counter[tuple[str, str]] = Counter()

    def refuse(subject: str, reason: str) -> None:
        refused[subject, reason] += 1

    series = _filed(filings.disclosures, lines, company, refuse)
    if not series:
        raise FactError(f"{path.name} has no figure under a tag of {company.company} in the table. Give the file with its 10-K and 10-Q")
    for name, of in series.items():
        if next(line for line in lines if line.name == name).kind == "flow":
            _fill(name, of, company, refuse)
    for line in lines:
        if line.kind == "computed":
            _compute(line, series, refuse)
    by_name = {line.name: line for line in lines if not line.refused}
    found = [figure for name, of in series.items() for figure in _figures(by_name[name], of, company, refuse)]
    refusals = tuple(sorted(Refusal(subject, reason, count) for (subject, reason), count in refused.items()))
    return Intake(f"{company.entity}-companyfacts", ordered(found), refusals)


def _company(filings: Filings, name: str) -> Company:
    company = companies().get(filings.cik or 0)
    if company is None:
        known = ", ".join(f"{one.company} ({one.cik})" for one in companies().values())
        who = f"{filings.company or 'a company'}, number {filings.cik}"
        raise FactError(f"{name} is of {who}, which the table does not have. It has {known}; add lines to companies.csv and tags.csv")
    return company


def _filed(told: Iterable[Disclosure], lines: list[Mapping], company: Company, refuse: Refuse) -> dict[str, _Series]:
    """Histories as filed, by series; what does not fit is refused."""
    by_concept: dict[str, list[Disclosure]] = defaultdict(list)
    for one in told:
        by_concept[one.concept].append(one)
    series: dict[str, _Series] = {}
    absent: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line.kind == "computed":
            continue
        found = by_concept.get(line.concept, [])
        if not found:
            absent[line.name].append(line.concept)
        elif line.refused:
            refuse(line.name, line.refused)
        else:
            _add(series, line, _sound(found, line, company, refuse), refuse)
    for name, concepts in absent.items():
        if name not in series and any(line.name == name and not line.refused for line in lines):
            refuse(name, _absent(concepts))
    return series


def _absent(concepts: list[str]) -> str:
    own = [concept for concept in concepts if not concept.startswith(("us-gaap:", "ifrs-full:", "dei:"))]
    if own:
        return f"the file has no {own[0]}: company facts leave out the companies' own tags. Take it from the filing"
    return f"the file has no {' or '.join(concepts)}"


def _sound(told: Iterable[Disclosure], line: Mapping, company: Company, refuse: Refuse) -> Iterator[tuple[Span, Disclosure]]:
    """Disclosures that are what the line says, each with its span."""
    for one in told:
        if not line.covers(one.end):
            continue
        reason = _unsound(one, line)
        found = span(one.start, one.end)
        if not reason and found is None:
            reason = f"odd period of {_days(one)}" if one.start else "stands at a day in the middle of a month"
        elif not reason and found is not None and misfit(found, company.year_end):
            reason = f"ends in the middle of a quarter of {company.company}, whose year ends with month {company.year_end}"
        if reason:
            refuse(line.name, reason)
        elif found is not None:
            yield found, one


def _unsound(one: Disclosure, line: Mapping) -> str:
    """Why a disclosure is not what the line says; nothing where it is."""
    if one.foreign:
        return f"carries {', '.join(one.foreign)}, which company facts do not: it may be a part of the whole"
    if one.unit != line.unit:
        return f"in {one.unit}, not {line.unit}"
    if one.start is None and line.kind != "instant":
        return "stands at a day, where the table wants a period"
    if one.start is not None and line.kind == "instant":
        return "is over a period, where the table wants what stands at a day"
    if one.start is not None and one.start > one.end:
        return "begins after its end"
    if one.filed < one.end:
        return "was filed before its period ended"
    return ""


def _days(one: Disclosure) -> str:
    return f"{(one.end - one.start).days + 1} days" if one.start else "a day"


def _add(series: dict[str, _Series], line: Mapping, sound: Iterable[tuple[Span, Disclosure]], refuse: Refuse) -> None:
    """Histories of a tag into its series; where an earlier tag of the table gave the same span, that one stays."""
    by_span: dict[Span, list[Disclosure]] = defaultdict(list)
    for found, one in sound:
        by_span[found].append(one)
    for found, told in sorted(by_span.items()):
        versions, reasons = history(told)
        for reason in reasons:
            refuse(line.name, f"{reason} ({found.words})")
        if not versions:
            continue
        of = series.setdefault(line.name, _Series(unit=line.unit))
        if found not in of.spans:
            of.spans[found], of.givers[found] = versions, line
        elif of.spans[found][-1].value != versions[-1].value:
            refuse(line.name, f"{line.concept} has another value than {of.givers[found].concept}, which the table trusts more")


def _fill(name: str, of: _Series, company: Company, refuse: Refuse) -> None:
    """Quarters that were not filed themselves."""
    made, refused = quarters(of.spans, company.year_end)
    of.spans.update(made)
    for found, reasons in refused.items():
        for reason in reasons:
            refuse(name, f"no quarter to {found.year}-{found.month:02d}: {reason}" if not of.spans.get(found) else f"{found.words}: {reason}")


def _compute(line: Mapping, series: dict[str, _Series], refuse: Refuse) -> None:
    """Sum or difference of two series, span by span; a missing side is never taken for nothing."""
    first, sign, second = line.terms
    missing = [name for name in (first, second) if name not in series]
    if missing:
        refuse(line.name, f"needs {' and '.join(missing)}, which the file does not give")
        return
    left, right = series[first], series[second]
    of = _Series(unit=left.unit)
    for found, versions in left.spans.items():
        if found not in right.spans:
            refuse(line.name, f"needs {second}, which the file does not give for every period")
            continue
        note = f"{first} {'+' if sign > 0 else '-'} {second}"
        if together := total(versions, sign, right.spans[found], note):
            of.spans[found] = together
    if of.spans:
        series[line.name] = of


def _figures(line: Mapping, of: _Series, company: Company, refuse: Refuse) -> Iterator[Figure]:
    for found, versions in of.spans.items():
        period = label(found, company.year_end)
        if period is None:
            if found.months == 12:
                refuse(line.name, "twelve months that are no fiscal year and end with no calendar quarter have no name in the store")
            continue  # nine months and other sums on the way have served for the quarters
        yield from map(partial(_figure, line, of, found, period, company), versions)


def _figure(line: Mapping, of: _Series, found: Span, period: str, company: Company, version: Version) -> Figure:
    unit, scale = _UNITS[of.unit]
    giver = of.givers.get(found)
    notes = (version.note, giver.concept if giver and not version.computed else "", _own(found, period, company))
    name = f"{line.name}-{period}"
    return Figure(
        name=name,
        value=_text(version.value / scale),
        unit=unit.format(year=found.year),
        low="",
        high="",
        as_of=version.known.isoformat(),
        source=_source(version, company),
        url=_address(version.filings[0][1], company),
        grade="M" if version.computed else "A",
        entity=line.entity,
        segment=line.segment,
        metric=line.metric,
        basis=_bases().get(name, line.basis),
        period=period,
        note="; ".join(note for note in notes if note),
    )


@cache
def _bases() -> dict[str, str]:
    """Basis under which the store has a figure: it calls one line gaap in one file and after its statement in another."""
    return {figure.name: figure.basis for figure in store()}


def _own(found: Span, period: str, company: Company) -> str:
    """The company's name of a quarter that carries a calendar label."""
    return f"the company's {fiscal(found, company.year_end)}" if found.months == 3 and company.year_end != 12 and not period.startswith("FY") else ""


def _source(version: Version, company: Company) -> str:
    told = " and ".join(f"form {form} {accession}" for form, accession in version.filings)
    return f"{'computed from ' if version.computed else ''}{company.company} {told}, SEC company facts, {version.known}"


def _address(accession: str, company: Company) -> str:
    return f"https://www.sec.gov/Archives/edgar/data/{company.cik}/{accession.replace('-', '')}/{accession}-index.htm"


def _text(value: Decimal) -> str:
    """Plain digits, exact, without trailing zeros."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
