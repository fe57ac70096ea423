"""How fast serving is predicted, and how well: a million predictions, one calibration, errors of rows that were left out, other tools.

    python benchmarks/workloads.py [ROWS.csv] [--peers PYTHON] [--count 60]

Without measured rows only the speed of predictions is told. One core: set OPENBLAS_NUM_THREADS=1. `--peers` names an interpreter that has
the other tools (extra `peers`): each is asked for the same rows, which our calibration has not seen.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from barbell.core.basis import Basis
from barbell.study import known
from barbell.workloads.chip import accelerator
from barbell.workloads.model import model
from barbell.workloads.rows import read
from barbell.workloads.serving import QUANTITIES, calibrate, judge, predict, shipped
from barbell.workloads.serving.deployment import FREE, Label, assemble
from barbell.workloads.serving.predict import answer

FACTS = known("9999-12-31")
CHIPS = ("h100", "h200", "b200", "b300", "gb200", "gb300", "trainium2", "trainium3", "mi300x", "mi355x")
MODELS = ("llama_3_8b", "llama_3_70b", "qwen3_32b", "deepseek_r1", "kimi_k2_5", "glm_5", "minimax_m2_5", "qwen3_235b_a22b", "gpt_oss_120b")
COUNT = 1_000_000


def grid():
    """A million deployments: every chip with every model, sizes and requests in flight by chance."""
    pairs = [(accelerator(Basis(FACTS), chip), model(Basis(FACTS), name)) for chip in CHIPS for name in MODELS]
    some, ones = len(pairs), np.ones(len(pairs))
    asked = assemble(
        [chip for chip, _ in pairs], [net for _, net in pairs], ["fp8"] * some,
        engine=Label.of(["vllm"] * some), generation=Label.of(["vllm_0_19"] * some), layout=Label.of(["tp"] * some),
        mode=Label.of(["closed"] * some), campaign=Label.of(["table"] * some), chips=ones, split=ones, helpers=0 * ones, flight=ones,
        tokens_in=1024 * ones, tokens_out=1024 * ones, level=FREE * ones, drafted=0 * ones,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    return asked.take(np.arange(COUNT) % some).but(chips=2.0 ** rng.integers(0, 4, COUNT), flight=rng.uniform(1, 512, COUNT))


def timed(what, work):
    start, wall = time.process_time(), time.perf_counter()
    found = work()
    print(f"{what:<44} {time.process_time() - start:7.2f} s of processor, {time.perf_counter() - wall:7.2f} s of the clock")
    return found


def errors(rows):
    """A fifth of the configurations is left out and predicted."""
    names = np.array(sorted(set(rows["config_id"].astype(str))))
    out = np.isin(rows["config_id"].astype(str), names[np.random.default_rng(0).permutation(len(names)) % 5 == 0])
    made = timed(f"calibrate on {int((~out).sum()):,} rows", lambda: calibrate(rows.take(np.flatnonzero(~out)), FACTS))
    tested = rows.take(np.flatnonzero(out & np.isin(rows["grade"], ("A", "B"))))
    for quantity in QUANTITIES:
        score = judge(tested, predict(tested, FACTS, made, quantity), quantity, FACTS).score
        print(f"  {quantity:<16} {score.covered:5,} rows  mean {score.mape:5.1f} %  median {score.median_ape:5.1f} %  p90 {score.p90_ape:5.1f} %")
    return made, tested


def peers(path, made, tested, python, count):
    """Time per output token of the same rows by other tools and by the calibration that has not seen them."""
    plain = (tested["serving_mode"] == "aggregated") & (tested["spec_decode"] == "no") & (tested["attn_dp"] == 1)
    plain &= (tested["weight_precision"] != "unknown") & np.isfinite(tested["tpot_ms"]) & np.isfinite(tested["concurrency"])
    order = np.random.default_rng(1).permutation(np.flatnonzero(plain))
    _, first = np.unique(tested["config_id"][order].astype(str), return_index=True)  # one row of each configuration
    chosen = tested.take(order[np.sort(first)][:count])
    measured = {str(name): float(value) for name, value in zip(chosen["row_id"], chosen["tpot_ms"], strict=True)}
    begun = time.perf_counter()
    told = predict(chosen, FACTS, made, "tpot").value
    ours = {str(name): 1e3 * float(value) for name, value in zip(chosen["row_id"], told, strict=True)}
    each = (time.perf_counter() - begun) / len(ours)
    print(f"\n{'time per token':<24}{'rows':>6}{'mean %':>9}{'median %':>10}{'s each':>12}   ours on these rows, mean and median %")
    _line("barbell, rows unseen", ours, measured, each, ours)
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file, path.open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        table = csv.DictWriter(file, rows.fieldnames)
        table.writeheader()
        table.writerows(row for row in rows if row["row_id"] in measured)
        file.flush()
        for tool in ("aiconfigurator", "genz", "llm-analysis"):
            command = [python, "-m", "workload_peers", tool, file.name]
            done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{tool:<24} {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            there = {one["row_id"]: one["ms"] for one in found["answers"] if one["ms"] is not None}
            seconds = [one["seconds"] for one in found["answers"] if one["ms"] is not None]
            _line(f"{tool} {found['version']}", there, measured, float(np.median(seconds)) if seconds else np.nan, ours)


def _line(name, there, measured, seconds, ours):
    def errors_of(found):
        return [abs(found[row] / measured[row] - 1) * 100 for row in there]

    if not there:
        print(f"{name:<24}{0:>6}   states none of these rows")
        return
    own, other = errors_of(ours), errors_of(there)
    beside = f"   {np.mean(own):.1f} / {np.median(own):.1f}" if there is not ours else ""
    print(f"{name:<24}{len(there):>6}{np.mean(other):>9.1f}{np.median(other):>10.1f}{seconds:>12.6f}{beside}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=Path)
    parser.add_argument("--peers", help="interpreter with AIConfigurator, GenZ and llm-analysis")
    parser.add_argument("--count", type=int, default=60, help="rows that other tools are asked for")
    args = parser.parse_args()
    ASKED = grid()
    for name in ("tpot", "ttft"):
        timed(f"predict {name} of {COUNT:,} deployments", lambda name=name: answer(ASKED, shipped(FACTS), name))
    if args.rows:
        MADE, TESTED = errors(read(args.rows, "inference"))
        if args.peers:
            peers(args.rows, MADE, TESTED, args.peers, args.count)
