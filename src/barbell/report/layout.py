"""How numbers and tables look in a terminal: never cut, aligned by row, as wide as the terminal allows."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from rich.console import Console
from rich.table import Table
from rich.text import Text

SMALL = 1e-9
"""Amounts below this are shown as nothing."""

GAP = 2
"""Blank columns between two columns of a table."""

WIDE = 140
"""Columns of a page where there is no terminal to ask, unless COLUMNS says otherwise."""


class Page(Console):
    """A console that tells of a reader who left, instead of ending the process with a code of its own."""

    def say(self, text: str, style: str = "") -> None:
        """Print a text as it stands: nothing in it is markup, and no line of it is broken."""
        self.print(text, style=style, markup=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Called by rich while it handles BrokenPipeError."""
        raise BrokenPipeError


def page(*, stderr: bool = False, file: IO[str] | None = None) -> Page:
    """Standard output (or error) as it is now; colours only where a terminal shows them and NO_COLOR is not set."""
    found = Page(stderr=stderr, file=file, highlight=False, soft_wrap=False)
    if not found.is_terminal and not os.environ.get("COLUMNS"):
        found.width = WIDE
    return found


def number(value: float) -> str:
    """Four significant digits, thousands apart, nothing as a dash, what does not exist as a blank."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "none" if value > 0 else "-none"
    if abs(value) < SMALL:
        return "-"
    if abs(value) >= 1e9:
        return f"{value:.4g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{float(f'{value:.4g}'):g}"


def aligned(values: Sequence[float]) -> list[str]:
    """Numbers of one kind with as many decimals each: four significant digits of the largest, no more than any of them needs."""
    sizes = [abs(v) for v in values if math.isfinite(v) and abs(v) >= SMALL]
    if not sizes or max(sizes) >= 1e9:
        return [number(v) for v in values]
    decimals = max(0, 3 - math.floor(math.log10(max(sizes))))
    while decimals and all(float(f"{v:.{decimals}f}") == float(f"{v:.{decimals - 1}f}") for v in sizes):
        decimals -= 1
    lost = 0.5 * 10.0**-decimals
    return [f"{v:,.{decimals}f}" if math.isfinite(v) and abs(v) >= lost and abs(v) >= SMALL else number(v) for v in values]


def within(gap: float) -> str:
    """How far a plan may be from the best one, to go after its value; nothing where it is the best."""
    return f", within {gap:.2%} of the best" if gap > SMALL else ""


def table(console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int) -> None:
    """Print a table whose first `words` columns are words, which may break at blanks, and the rest numbers, which may not.

    Columns without a single cell are left out. Where even so the terminal is too narrow, every row becomes a list: a cut number would lie.
    """
    filled = [n for n in range(len(heads)) if n < words or any(row[n] for row in rows)]
    columns = [[heads[n], *(row[n] for row in rows)] for n in filled]
    whole = [_width(column) for column in columns]
    least = [_token(column) if n < words else width for n, column, width in zip(filled, columns, whole, strict=True)]
    if title:
        console.print(Text(title, style="bold"))
    spare = console.width - sum(least) - GAP * (len(least) - 1)
    if spare < 0:
        _listed(console, columns)
        return
    body = Table(box=None, pad_edge=False, padding=(0, 0, 0, GAP), header_style="dim")
    for n, width, column in zip(filled, _spread(spare, least, whole), columns, strict=True):
        body.add_column(Text(column[0]), justify="left" if n < words else "right", width=width, no_wrap=n >= words)
    for cells in zip(*(column[1:] for column in columns), strict=True):
        body.add_row(*(Text(cell) for cell in cells))
    console.print(body)


def matrix(console: Console, title: str, heads: Sequence[str], periods: Sequence[str], rows: Mapping[tuple[str, ...], Sequence[float]]) -> None:
    """Print things down and periods across, in as many parts below each other as the width asks for; parts and rows of nothing left out."""
    cells = {key: aligned(values) for key, values in rows.items()}
    labels = [[head, *(key[n] for key in cells)] for n, head in enumerate(heads)]
    columns = [[label, *(texts[n] for texts in cells.values())] for n, label in enumerate(periods)]
    room = console.width - sum(_width(column) + GAP for column in labels)
    told = title
    for first, stop in _parts([_width(column) + GAP for column in columns], room + GAP):
        shown = [(*key, *texts[first:stop]) for key, texts in cells.items() if any(text not in ("", "-") for text in texts[first:stop])]
        if shown:
            table(console, told, (*heads, *periods[first:stop]), shown, words=len(heads))
            told = f"{title} (continued)"
    console.print()


def _listed(console: Console, columns: Sequence[Sequence[str]]) -> None:
    """Each row as lines of head and cell."""
    heads = [column[0] for column in columns]
    wide = max(len(head) for head in heads)
    for cells in zip(*(column[1:] for column in columns), strict=True):
        for head, cell in zip(heads, cells, strict=True):
            console.print(Text(f"{head:<{wide}}  {cell}"), soft_wrap=True)
        console.print()


def _spread(spare: int, least: Sequence[int], whole: Sequence[int]) -> list[int]:
    """Widths of columns that need at least so much and would like so much: what is spare goes first to those that lack little."""
    widths = list(least)
    for n in sorted(range(len(widths)), key=lambda n: whole[n] - least[n]):
        more = min(whole[n] - least[n], spare)
        widths[n], spare = widths[n] + more, spare - more
    return widths


def _width(column: Sequence[str]) -> int:
    return max(len(text) for text in column)


def _token(column: Sequence[str]) -> int:
    return max(len(token) for text in column for token in text.split() or [""])


def _parts(widths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """(First, stop) of the columns that fit side by side; at least one in each part."""
    first, taken = 0, 0
    for n, width in enumerate(widths):
        if n > first and taken + width > room:
            yield first, n
            first, taken = n, 0
        taken += width
    yield first, len(widths)
