"""What other tools predict of measured rows, each in a process of its own (extra `peers`).

python -m workload_peers aiconfigurator|genz|llm-analysis ROWS.csv    # prints one JSON object a row

Every tool gets the configuration of a row as it stands there, and none the measured value. What it cannot state is refused,
with the reason.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator


class Refused(Exception):
    """The tool cannot state this row."""


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Ask a tool: what it prints is dropped, and whatever it raises is its refusal."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        except (Exception, SystemExit) as error:  # noqa: BLE001  the tool's own errors have no common root
            told = str(error).splitlines()[0][:160] if str(error) else ""
            raise Refused(f"{type(error).__name__}: {told}") from None
