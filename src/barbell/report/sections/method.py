"""How the plan was found."""

from __future__ import annotations

from barbell.core.case import Case
from barbell.report import query
from barbell.report.figure import Figure, Section, grid
from barbell.report.number import told
from barbell.report.source import Source
from barbell.study.chain.ground import slug


def _kind(case: Case) -> str:
    """What kind of program the case asks for."""
    whole = any(asset.block for asset in case.tables.assets) and any(case.horizon.whole)
    return "mixed-integer linear" if whole else "linear"


def _gap(gap: float) -> str:
    """The end of a sentence on accuracy: plans in whole blocks have a bound above them."""
    if gap <= 1e-9:
        return "."
    return f"; orders in whole blocks: no plan is worth more than {gap:.2%} above this one, by the bound of the relaxation or of branch and bound."


def section(source: Source) -> Section:
    """Size, method and accuracy in sentences, and the value by part as a table."""
    case, status, money = source.case, source.status, query.worth(source)
    labels, seen = case.horizon.labels, query.shown(case)
    solved = "" if len(labels) == len(seen) else f"; solved on to {labels[-1]}, so that the end does not colour what is shown"
    said = [
        f"One {_kind(case)} program decides everything at once: {status.columns:,} columns, {status.rows:,} rows, {status.nonzeros:,} non-zeros.",
        f"Solved by {status.method}; residuals {status.accuracy}" + _gap(status.gap),
        f"Periods {seen[0]} to {seen[-1]}{solved}. Facts as known on {case.as_of}. Money in {money.told_year}, where not said otherwise.",
    ]
    if case.tables.scenarios:
        said.append("The case has a tree of futures; this page shows what all of them share, up to where they part.")
    parts = [(name, value * money.factor) for name, value in source.parts.items() if abs(value) > 1e-9]
    rows = [*parts, ("value", source.value * money.factor)]
    table = grid(
        f"Value by part, discounted, {money.told_year}",
        ("part", "amount"),
        rows,
        by="column",
        opens=lambda words, _: "value" if words[0] == "value" else f"value/{slug(words[0])}",
    )
    figure = Figure("parts", f"The value is the sum of {told(len(parts))} parts", table, open=True)
    return Section("method", "How it was solved", tuple(said), (figure,))
