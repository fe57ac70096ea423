"""Fuzz all readers for some time: ``python tests/fuzz/run.py [SECONDS]``.

Whatever is raised that is no error of Barbell's own is made as small as it gets and kept in ``tests/fuzz/corpus``, where a normal test
replays it from then on. Exit code 1 when something was found.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.cases import Finding, holds
from tests.fuzz.mutate import KINDS

CORPUS = Path(__file__).parent / "corpus"
MEMORY = 6 << 30
ROUND = 150
"""Examples between two looks at the clock."""


QUIET = settings(
    max_examples=ROUND,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
    print_blob=False,
    report_multiple_bugs=False,
)


class Hunt:
    """Rounds of examples until the time is over; each kind of failure is kept once."""

    def __init__(self, end: float) -> None:
        self.end = end
        self.tried: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.found: dict[str, Finding] = {}

    def round(self, kind: str, number: int) -> None:
        """One round of a kind; a failure is made small and kept."""
        last: list[tuple[str, Finding, str]] = []

        @seed(number)
        @settings(QUIET)
        @given(KINDS[kind])
        def property_(found: Finding) -> None:
            if time.monotonic() > self.end:
                return
            begun = time.monotonic()
            self.tried[kind] += 1
            try:
                holds(found)
            except Exception as error:
                name = signature(error)
                if name not in self.found:
                    last.append((name, found, traceback.format_exc()))
                    raise
            finally:
                self.slowest[kind] = max(self.slowest.get(kind, 0.0), time.monotonic() - begun)

        try:
            property_()
        except Exception:  # hypothesis raises the smallest one, which is the last seen
            if not last:
                raise
            name, found, told = last[-1]
            self.found[name] = found
            keep(name, found, told)


def signature(error: Exception) -> str:
    """What tells one failure from another: its kind and the last place of ours that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "barbell" in frame.filename]
    spot = f"{Path(frames[-1].filename).stem}-{frames[-1].name}" if frames else "elsewhere"
    return f"{type(error).__name__}-{spot}"


def keep(name: str, found: Finding, told: str) -> None:
    """A finding into the corpus."""
    mark = hashlib.sha256(found.text().encode()).hexdigest()[:8]
    file = CORPUS / f"{name.lower()}-{mark}.json"
    file.write_text(found.text(), encoding="utf-8")
    print(f"{file.name}\n{told}", flush=True)


def main(seconds: float) -> int:
    """Hunt for so many seconds; the exit code."""
    sys.stdout.reconfigure(errors="backslashreplace")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    begun = time.monotonic()
    hunt, number = Hunt(begun + seconds), int(time.time())
    print(f"seeds from {number}", flush=True)
    while time.monotonic() < hunt.end:
        for kind in KINDS:
            hunt.round(kind, number)
            number += 1
    counts = ", ".join(f"{kind} {count:,}" for kind, count in sorted(hunt.tried.items()))
    slow = ", ".join(f"{kind} {worst:.2f} s" for kind, worst in sorted(hunt.slowest.items()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{time.monotonic() - begun:.0f} s: {counts}; slowest {slow}; peak {peak:.0f} MB; {len(hunt.found)} findings")
    return 1 if hunt.found else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600.0))
