"""From a command line to an exit code: every error becomes a short message and a number that scripts can rely on."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from cyclopts import CycloptsError

import barbell.cli.actuals
import barbell.cli.alternatives
import barbell.cli.case
import barbell.cli.claims
import barbell.cli.custom
import barbell.cli.facts
import barbell.cli.intake
import barbell.cli.measure
import barbell.cli.rates
import barbell.cli.runs
import barbell.cli.studies
import barbell.cli.training
import barbell.cli.workloads  # noqa: F401  all register their commands
from barbell.cli import record
from barbell.cli.app import app
from barbell.core.errors import BarbellError
from barbell.report.layout import page

INTERRUPTED = 130
"""What shells expect of a command that was interrupted."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    code = 0
    try:
        try:
            told = app(tokens, exit_on_error=False, print_error=False, console=page(), error_console=page(stderr=True))
            code = told if isinstance(told, int) else 0
        except BrokenPipeError:
            raise
        except KeyboardInterrupt:
            code = INTERRUPTED
            print("interrupted", file=sys.stderr)
        except Exception as error:  # noqa: BLE001  whatever is left is a bug, and says so
            code, kind, message = _judge(error)
            _report(error, code=code, kind=kind, message=message, tokens=tokens)
        sys.stdout.flush()
    except BrokenPipeError:
        _leave()
    return code


def main() -> None:
    """Entry point of the command ``barbell``."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a sign gets its number, not a crash
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run())


def _judge(error: Exception) -> tuple[int, str, str]:
    """Exit code, kind and message of an error."""
    if isinstance(error, BarbellError):
        return error.exit_code, type(error).__name__, str(error)
    if isinstance(error, CycloptsError):
        return 1, "UsageError", f"{error}\nSee barbell --help."
    if isinstance(error, MemoryError):
        return 3, "SolverLimitError", "memory ran out; plan fewer periods, slices or branches"
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return 4, "Bug", f"{told}\nThis is a bug in Barbell: please report it, with the case and what --debug adds."


def _report(error: Exception, *, code: int, kind: str, message: str, tokens: Sequence[str]) -> None:
    if "--debug" in tokens:
        traceback.print_exception(error)
    if "--json" in tokens:
        record.emit(record.error(kind, code, message, error))
    else:
        print(message, file=sys.stderr)


def _leave() -> None:
    """The reader left: nothing more to say, not even when Python flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
