"""The command line: parse, run a verb, print, and turn errors into exit codes."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from barbell import __version__
from barbell.core.errors import BarbellError, CaseError, InfeasibleError, UnboundedError

app = App(name="barbell", help="Plan the build-out of AI infrastructure.", version=__version__, result_action="return_value")

Set = Annotated[list[str] | None, Parameter(name="--set", help="Override a cell: path=value, such as assets.hall.capex=12. Repeatable.")]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Print one JSON object and nothing else.")]
Seconds = Annotated[float, Parameter(name="--seconds", help="Most seconds that the solver may take.")]
Gap = Annotated[float, Parameter(name="--gap", help="Relative gap at which a plan in whole blocks is good enough.")]
Quiet = Annotated[bool, Parameter(name="--quiet", negative=(), help="No progress.")]


@app.command
def new(folder: Path, *, example: str = "toy", json: Json = False) -> None:
    """Start a case of your own from an example.

    Parameters
    ----------
    folder
        Folder to make; it must not exist, or be empty.
    example
        Example case to copy.
    """
    from barbell.study import new as make

    made = make(folder, example=example)
    if json:
        _emit({"case": made.as_posix()})
        return
    print(f"Wrote the case {made}. Next: barbell check {made}, then barbell plan {made}")


@app.command
def check(case: Path, *, set: Set = None, json: Json = False) -> None:  # noqa: A002
    """Read a case and say what is wrong with it: every fault at once, with place, value and fix.

    Parameters
    ----------
    case
        Folder of the case.
    """
    from barbell.cli import show
    from barbell.study import check as read

    found = read(case, _changes(set))
    if json:
        _emit(show.case_object(found))
    else:
        show.case(found)


@app.command
def plan(
    case: Path,
    *,
    set: Set = None,  # noqa: A002
    json: Json = False,
    seconds: Seconds = 600.0,
    gap: Gap = 1e-4,
    quiet: Quiet = False,
) -> None:
    """Plan a case: what to build, when and where, what it earns and what binds.

    Parameters
    ----------
    case
        Folder of the case.
    """
    from barbell.cli import show

    found = _plan(case, set, seconds, gap, _progress(quiet or json))
    if json:
        _emit(show.plan_object(found))
    else:
        show.plan(found)


@app.command
def explain(
    case: Path,
    *,
    top: int = 20,
    set: Set = None,  # noqa: A002
    json: Json = False,
    seconds: Seconds = 600.0,
    gap: Gap = 1e-4,
    quiet: Quiet = False,
) -> None:
    """Say what binds a plan, in order of worth, or why there is none.

    Parameters
    ----------
    case
        Folder of the case.
    top
        How many bottlenecks to show.
    """
    from barbell.cli import show
    from barbell.study import explain as reasons

    found = _plan(case, set, seconds, gap, _progress(quiet or json))
    bottlenecks = reasons(found, top=top)
    if json:
        _emit(show.explain_object(found, bottlenecks))
    else:
        show.bottlenecks(found, bottlenecks)


def _plan(case: Path, changes: list[str] | None, seconds: float, gap: float, progress: Callable[[str], None] | None) -> Any:
    from barbell.plan import Options
    from barbell.study import plan as make

    return make(case, _changes(changes), options=Options(seconds=seconds, gap=gap), progress=progress)


def _changes(entries: list[str] | None) -> dict[str, str]:
    """``path=value`` entries as a mapping; raises CaseError for those that have no such form."""
    from barbell.core.errors import Fault, Where

    faults = [Fault(Where("--set"), e, "is not of the form path=value", "Write --set assets.hall.capex=12") for e in entries or () if "=" not in e]
    if faults:
        raise CaseError(faults)
    return dict(entry.split("=", 1) for entry in entries or ())


def _progress(quiet: bool) -> Callable[[str], None] | None:
    """What is under way, with the seconds since the start, on standard error."""
    if quiet:
        return None
    begun = time.perf_counter()

    def say(message: str) -> None:
        print(f"[{time.perf_counter() - begun:6.2f} s] {message}", file=sys.stderr, flush=True)

    return say


def _emit(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False, default=str))


def run(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    try:
        app(arguments, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except BarbellError as error:
        _report(error, error.exit_code, as_json)
        return error.exit_code
    except CycloptsError as error:
        _report(CaseError([]) if as_json else error, 1, as_json, str(error))
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: nothing more to say
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 3
    except Exception as error:  # noqa: BLE001  whatever is left is a bug, and says so
        _report(error, 4, as_json, f"{type(error).__name__}: {error}. This is a bug in Barbell; please report it")
        if os.environ.get("BARBELL_DEBUG"):
            traceback.print_exc()
        return 4
    return 0


def _report(error: Exception, code: int, as_json: bool, message: str = "") -> None:
    text = message or str(error)
    if not as_json:
        print(text, file=sys.stderr)
        return
    content: dict[str, Any] = {"error": type(error).__name__, "exit_code": code, "message": text}
    if isinstance(error, CaseError):
        content["faults"] = [
            {"file": f.where.file, "line": f.where.line, "field": f.where.field, "value": f.value, "problem": f.problem, "fix": f.fix}
            for f in error.faults
        ]
    if isinstance(error, InfeasibleError):
        content["conflict"] = [vars(c) for c in error.conflict]
    if isinstance(error, UnboundedError):
        content["lunch"] = [vars(part) for part in error.lunch]
    _emit(content)


def main() -> None:
    """Entry point of the command ``barbell``."""
    sys.exit(run())
