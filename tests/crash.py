"""Kill a process at random moments of its work and look at what is left.

`kill_at_random(action, check, seeds)` runs `action(folder, seed)` in a process of its own for every seed, kills it (SIGKILL) at a moment
that the seed chooses between its beginning and a little after its usual end, and calls `check(folder, seed)` here. All share one
folder, so that each begins with what the last one left. `action` is a function at the top of a module of tests: the process that
runs it is forked from one that has imported that module and done nothing else (libraries with threads do not survive a fork in use).
It returns how many were killed before their end: ask for a good share of them, or the test has tested nothing.

`kill_at_each_step(action, check)` kills just before every single thing that the action asks of the system (open, mkdir, rename, remove ...),
one after another, as Python's audit events tell them: every boundary, without chance. It returns their number.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
LATER = 1.2
"""Moments are chosen up to so many times the usual duration."""
STEPS = ("open", "os.", "shutil.", "sqlite3.", "tempfile.", "fcntl.", "ctypes.")
"""Audit events that count as steps begin like this."""

Action = Callable[[Path, int], object]
Check = Callable[[Path, int], object]


def kill_at_random(action: Action, check: Check, seeds: Iterable[int], *, folder: Path) -> int:
    """Kill `action` once for each seed, `check` what is left each time; how many of them had not ended."""
    with _Nursery(action) as nursery:
        usual = sorted(nursery.run(folder, -1 - n)[1] for n in range(5))[2]
        killed = 0
        for seed in seeds:
            moment = random.Random(seed).uniform(0.0, LATER * usual)
            killed += nursery.run(folder, seed, after=moment)[0] == -signal.SIGKILL
            check(folder, seed)
    return killed


def kill_at_each_step(action: Action, check: Check, *, folder: Path) -> int:
    """Kill `action` before its first step, then before its second, until it ends; how many steps there were."""
    with _Nursery(action) as nursery:
        step = 0
        while nursery.run(folder, step, at=step)[0] == -signal.SIGKILL:
            check(folder, step)
            step += 1
        check(folder, step)
    return step


class _Nursery:
    """A process that has imported the action and forks a child for every run of it."""

    def __init__(self, action: Action) -> None:
        module = action.__module__
        command = [sys.executable, "-c", f"from tests import crash; from {module} import {action.__name__} as action; crash.serve(action)"]
        path = os.pathsep.join([str(ROOT), *sys.path])
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}
        )

    def __enter__(self) -> _Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def run(self, folder: Path, seed: int, *, after: float | None = None, at: int | None = None) -> tuple[int, float]:
        """Exit code (negative: the signal) and seconds of one run, killed `after` seconds or before its step `at`."""
        self.process.stdin.write(json.dumps([str(folder), seed, after, at]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the action cannot be imported"
        code, seconds = json.loads(line)
        assert code in (0, -signal.SIGKILL), f"the action of seed {seed} failed: its traceback stands on standard error"
        return code, seconds


def serve(action: Action) -> None:
    """Fork, kill and tell, for every line of standard input."""
    for line in sys.stdin:
        folder, seed, after, at = json.loads(line)
        started, told = os.pipe()
        child = os.fork()
        if child == 0:
            _child(action, Path(folder), seed, at, told)
        os.close(told)
        os.read(started, 1)
        os.close(started)
        begun = time.perf_counter()
        if after is not None:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)  # not yet waited for: the number is still its own
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - begun]) + "\n")
        sys.stdout.flush()


def _child(action: Action, folder: Path, seed: int, at: int | None, told: int) -> None:
    code = 1
    try:
        os.write(told, b".")
        if at is not None:
            _die_at(at)
        action(folder, seed)
        code = 0
    except BaseException:  # noqa: BLE001  a child must never go on as its parent
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
    finally:
        os._exit(code)


def _die_at(step: int) -> None:
    """End this process, as if killed, before its step of that number."""
    left = [step]

    def count(event: str, _arguments: tuple[object, ...]) -> None:
        if event.startswith(STEPS):
            left[0] -= 1
            if left[0] == -1:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
