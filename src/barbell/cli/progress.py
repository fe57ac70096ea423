"""What is under way, on standard error, so that results alone reach standard output."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.text import Text

from barbell.report.layout import page

PATIENCE = 1.0
"""Seconds that a command may take before it says, where no terminal shows a spinner, what it is doing."""

Say = Callable[[str], None]


def amiss(message: str) -> None:
    """Say on standard error what is amiss, where the command goes on all the same."""
    print(f"barbell: {message}", file=sys.stderr, flush=True)


@contextmanager
def progress(*, quiet: bool, machine: bool) -> Iterator[Say | None]:
    """A way to tell of progress: a spinner on a terminal, lines after `PATIENCE` elsewhere; none if quiet, or for a machine off a terminal."""
    terminal = sys.stderr.isatty()
    if quiet or (machine and not terminal):
        yield None
    elif terminal:
        with page(stderr=True).status("reading the case") as status:
            yield lambda message: status.update(Text(message))
    else:
        with _patient() as say:
            yield say


@contextmanager
def _patient() -> Iterator[Say]:
    """Hold back the last message until the patience is over; a timer tells it even while the solver is busy."""
    begun, lock = time.perf_counter(), threading.Lock()
    held = [""]

    def tell() -> None:
        with lock:
            if held[0]:
                print(f"[{time.perf_counter() - begun:6.1f} s] {held[0]}", file=sys.stderr, flush=True)
            held[0] = ""

    def say(message: str) -> None:
        with lock:
            held[0] = message
        if time.perf_counter() - begun >= PATIENCE:
            tell()

    timer = threading.Timer(PATIENCE, tell)
    timer.daemon = True
    timer.start()
    try:
        yield say
    finally:
        timer.cancel()
