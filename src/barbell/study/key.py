"""What makes two runs the same: a hash of everything that may change the answer."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from barbell import __version__
from barbell.core.case import TABLES, Case
from barbell.plan import Options

LIBRARIES = ("highspy", "highspy-extras", "numpy", "scipy", "polars", "vl-convert-python")
"""Distributions whose version, or absence, may show in an answer or in its report."""
_OWN = (".py", ".csv", ".html", ".css", ".js")


def key(case: Case, options: Options | None = None) -> str:
    """Twelve hexadecimal digits of the hash of a question: what a case says and where it says it, how exactly it is solved, by which code.

    The code holds the facts and the reported figures that Barbell brings; the day on which they are looked at is the case's. Seconds
    that the solver may take are left out: they change nothing unless they run out (see `keep.recall`).
    """
    effort = options or Options()
    content = [code(), *(f"{name} {installed(name)}" for name in LIBRARIES), repr((effort.gap, effort.method, effort.threads))]
    content += [case.name, case.question, case.money, case.as_of, repr(case.horizon), repr(case.risk)]
    content += [repr(row) for table in TABLES for row in case.tables.rows(table)]
    content += [repr((*cell, origin)) for cell, origin in case.origins.items()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()[:12]


def versions() -> dict[str, str]:
    """Versions of Barbell, of its code (a hash, facts included), of Python and of the libraries that count."""
    return {"barbell": __version__, "code": code()[:12], "python": platform.python_version(), **{name: installed(name) for name in LIBRARIES}}


def installed(name: str) -> str:
    """Version of a distribution; ``none`` where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@lru_cache
def code() -> str:
    """Hash of Barbell's own files: a mended bug makes another run of the same case."""
    found = hashlib.sha256(__version__.encode())
    package = Path(__file__).parents[1]
    for path in sorted(p for p in package.rglob("*") if p.suffix in _OWN):
        found.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return found.hexdigest()
