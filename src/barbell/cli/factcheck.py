"""What the guards say of the store of facts, for people and for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from barbell import facts
from barbell.report.layout import page, table

if TYPE_CHECKING:
    from barbell.cli.record import Record


def survey(*, plant: bool) -> Record:
    """Sizes, identities by kind, what stands behind the figures and, when asked, the share of planted errors that is seen."""
    rows, found = facts.figures(), facts.backed()
    content: Record = {
        "rows": len(rows),
        "names": len({row.name for row in rows}),
        "grades": dict(sorted(Counter(row.grade for row in rows).items())),
        "faults": [],
        "identities": dict(Counter(one.kind for one in facts.identities(rows))),
        "backing": {**asdict(found), "share": found.share, "share_of_all": found.share_of_all},
        "conflicts": len(facts.conflicts()),
    }
    if plant:
        planted = facts.mutations()
        content["planted"] = {
            "planted": planted.planted,
            "seen": planted.seen,
            "share": planted.share,
            "unguarded": {" ".join(filter(None, about)): count for about, count in sorted(planted.unguarded.items())},
        }
    return content


def show(found: Record) -> None:
    """The survey as tables and sentences."""
    console = page()
    grades = ", ".join(f"{count:,} {grade}" for grade, count in found["grades"].items())
    console.print(f"{found['rows']:,} rows, {found['names']:,} facts: {grades}. No faults found.\n")
    table(console, "Identities, all of which hold", ("kind", "count"), [(kind, f"{count:,}") for kind, count in found["identities"].items()], words=1)
    behind = found["backing"]
    outside = behind["address"] + behind["filing"] + behind["bare"]
    console.say(
        f"\nAn address or a filing stands behind {behind['share']:.1%} of the {outside:,} figures with a source outside ourselves "
        f"({behind['address']:,} an address, {behind['filing']:,} a filing named, {behind['bare']:,} neither); "
        f"{behind['assumed']:,} more are own assumptions; of all rows it is {behind['share_of_all']:.1%}."
    )
    console.print(f"{found['conflicts']} facts have several sources: barbell facts conflicts.")
    if "planted" in found:
        _planted(found["planted"])


def _planted(found: Record) -> None:
    console = page()
    console.say(
        f"\nOf {found['planted']:,} errors planted one at a time (2 to 50 % in every figure of grade A or B that a company reported) the guards see "
        f"{found['seen']:,}: {found['share']:.1%}.\n"
    )
    rows = [(about, f"{count:,}") for about, count in found["unguarded"].items()]
    table(console, "Series that nothing guards", ("series", "figures"), rows, words=1)
