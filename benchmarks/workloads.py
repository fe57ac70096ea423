"""How fast serving is predicted, and how well: a million predictions, one calibration, and the errors of rows that were left out.

    python benchmarks/workloads.py [ROWS.csv]

Without measured rows only the speed of predictions is told. One core: set OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import sys
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


if __name__ == "__main__":
    ASKED = grid()
    for name in ("tpot", "ttft"):
        timed(f"predict {name} of {COUNT:,} deployments", lambda name=name: answer(ASKED, shipped(FACTS), name))
    if len(sys.argv) > 1:
        errors(read(Path(sys.argv[1]), "inference"))
