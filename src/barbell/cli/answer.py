"""One answer of serving, for people and for machines: the best way on a chip, what a token costs and how much power it takes."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from barbell.cli import performance
from barbell.report.layout import number, page

if TYPE_CHECKING:
    from barbell.cli.record import Record
    from barbell.core.basis import Interval
    from barbell.study.answer import Answer, Question
    from barbell.workloads.serving import Layout, Split

WAYS = {"tp": "split over all", "ep": "experts apart", "dp_tp": "attention over data", "dp_ep": "attention over data, experts apart"}
"""How a model lies on the chips of a replica, by the word of its layout."""


def answer(found: Answer, question: Question) -> Record:
    """The answer with units in its keys; null where something is not known or has no bound."""
    layout = found.layout
    return performance.layout(layout) | {
        "layout": layout.way, "level": _level(found, question), "prefix_hit": found.asked.hit, "drafted": found.asked.drafted,
        "tpot_p99_ms": _record(layout.token_tail, 1e3), "ttft_p99_ms": _record(layout.first_tail, 1e3),
        "usd_per_million_output_tokens": _record(found.per_million), "joule_per_output_token": _record(found.joules),
        "tok_s_per_mw": _record(found.per_megawatt), "kilowatts_per_chip": _record(found.kilowatts),
        "usd_per_chip_hour": _record(found.dollars), "price": question.price, "priced": found.priced or None,
        "pools": _pools_record(layout.split) if layout.split else None,
        "mixed": performance.layout(found.mixed) | {"layout": found.mixed.way} if found.mixed else None, "mixed_refusal": found.unmixed or None,
    }  # fmt: skip


def _pools_record(split: Split) -> Record:
    return {
        "prefill_replicas": split.readers, "prefill_chips_per_replica": split.reader_chips, "prefill_busy_share": split.busy,
        "decode_replicas": split.decoders, "decode_chips_per_replica": split.decoder_chips,
    }  # fmt: skip


def _level(found: Answer, question: Question) -> Record:
    told = {"tpot_ms": found.asked.level, "ttft_ms": found.asked.first}
    free = type(found.asked)()
    kept = {name: None if value >= free.level else 1e3 * value for name, value in told.items()}
    return {"percentile": question.percentile, **kept}


def _record(found: Interval | None, by: float = 1.0) -> Record | None:
    return {name: by * value for name, value in asdict(found).items()} if found else None


def show(found: Answer, question: Question) -> None:
    """One answer: numbers with their ranges below each other, then words."""
    console = page()
    console.say(_title(found, question), style="bold")
    layout = found.layout
    numbers = [
        ("tokens/s per chip", layout.rate, 1.0, "" if layout.rate.low > 0 else "0: at that end nothing keeps the level"),
        ("ms per token", layout.token, 1e3, ""),
        ("  p99", layout.token_tail, 1e3, ""),
        ("ms to first token", layout.first, 1e3, ""),
        ("  p99", layout.first_tail, 1e3, ""),
        ("USD per million", found.per_million, 1.0, f"output tokens, {question.price} price, {found.priced}"),
        ("joules per token", found.joules, 1.0, "output tokens, power of IT"),
        ("tokens/s per MW", found.per_megawatt, 1.0, "of IT"),
    ]
    for line in _aligned([(head, interval, by, note) for head, interval, by, note in numbers if interval]):
        console.say(line)
    for head, text in _words(found, question):
        console.say(f"  {head:<18} {text}")


def _title(found: Answer, question: Question) -> str:
    asked, layout = found.asked, found.layout
    parts = [f"{layout.model} on {layout.chip}, {asked.tokens_in:g} tokens in and {asked.tokens_out:g} out"]
    if asked.hit:
        parts.append(f"{asked.hit:.0%} of the prompt in a prefix cache")
    if asked.drafted:
        parts.append("speculative decoding")
    level = _level(found, question)
    kept = [f"{level[key]:g} ms {words}" for key, words in (("tpot_ms", "per token"), ("ttft_ms", "to the first token")) if level[key]]
    if kept:
        parts.append(f"at most {' and '.join(kept)}{' at the 99th percentile' if question.percentile != 50 else ''}")
    return "; ".join(parts)


def _aligned(rows: list[tuple[str, Interval, float, str]]) -> list[str]:
    """Lines of head, value, range and note, each in its column."""
    cells = [(head, number(found.value * by), f"({_bound(found.low * by)} to {_bound(found.high * by)})", note) for head, found, by, note in rows]
    wide = [max(len(row[n]) for row in cells) for n in range(3)]
    return [f"  {head:<18} {value:>{wide[1]}}  {ranged:<{wide[2]}}  {note}".rstrip() for head, value, ranged, note in cells]


def _bound(value: float) -> str:
    """The end of a range; a rate may fall to nothing, and what divides by it has no bound then."""
    return ("0" if value == 0 else number(value)) if math.isfinite(value) else "no bound"


def _words(found: Answer, question: Question) -> list[tuple[str, str]]:
    layout = found.layout
    rows = [("layout", _pools(layout, layout.split) if layout.split else _replica(layout))]
    rows += [
        ("engine", layout.engine if layout.engine != "any" else "none in particular"),
        ("limit", layout.limit),
        ("known", layout.known),
    ]
    if found.per_million is None:
        rows.append(("price", f"none of class {question.price} is known"))
    if found.kilowatts is None:
        rows.append(("power", "not known"))
    if layout.split:
        rows.append(("mixed instead", _mixed(found) if found.mixed else f"none: {found.unmixed}"))
    return rows


def _replica(layout: Layout) -> str:
    chips = f"{layout.chips} chip{'s' if layout.chips > 1 else ''} a replica"
    spread = f" ({WAYS.get(layout.way, layout.way)})" if layout.chips > 1 else ""
    return f"{chips}{spread}, {layout.flight} requests in flight, {layout.precision} weights"


def _pools(layout: Layout, split: Split) -> str:
    reads = f"{split.readers} x {split.reader_chips} chips read prompts ({split.busy:.0%} busy)"
    return f"{reads}, {split.decoders} x {split.decoder_chips} decode, {layout.flight} requests in flight, {layout.precision} weights"


def _mixed(found: Answer) -> str:
    """The same level on replicas that read and decode."""
    mixed = found.mixed
    if mixed is None:
        return ""
    more = found.layout.rate.value / mixed.rate.value - 1
    told = f"{number(mixed.rate.value)} ({number(mixed.rate.low)} to {number(mixed.rate.high)}) tokens/s per chip"
    return f"{told}: apart gives {abs(more):.0%} {'more' if more > 0 else 'less'}; {_replica(mixed)}"
