"""One tool over the rows of a file: a JSON object for each, with the prediction in milliseconds or the reason of a refusal, and seconds."""

from __future__ import annotations

import csv
import json
import sys
import time
from importlib import import_module, metadata
from pathlib import Path

from workload_peers import Refused

TOOLS = {"aiconfigurator": "aiconfigurator", "genz": "genz-llm", "llm-analysis": "llm-analysis"}


def main(tool: str, path: str) -> None:
    """Predict every row; the first one once before the clock starts, since it loads the tool."""
    milliseconds = import_module(f"workload_peers.with_{tool.replace('-', '_')}").milliseconds
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows:
        _one(milliseconds, rows[0])
    answers = [_one(milliseconds, row) for row in rows]
    print(json.dumps({"tool": tool, "version": metadata.version(TOOLS[tool]), "answers": answers}))


def _one(milliseconds, row: dict[str, str]) -> dict:
    begun = time.perf_counter()
    try:
        value, reason = milliseconds(row), ""
    except Refused as refused:
        value, reason = None, str(refused)
    return {"row_id": row["row_id"], "ms": value, "reason": reason, "seconds": time.perf_counter() - begun}


if __name__ == "__main__":
    main(*sys.argv[1:])
