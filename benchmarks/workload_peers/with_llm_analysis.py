"""llm-analysis: closed forms for dense models on A100 and H100, with efficiencies that the user sets: 0.7 of bandwidth, 0.5 of FLOP/s.

Its gated layers have two matrices where the models have three; they are described to it as two that are half as wide again.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from workload_peers import Refused, asking

GPUS = {"A100-80GB": "a100-sxm-80gb", "A100-40GB": "a100-sxm-40gb", "H100": "h100-sxm-80gb"}
KINDS = {"fp8": "w8a8e16", "int8": "w8a8e16", "bf16": "w16a16e16", "fp16": "w16a16e16"}
MODELS = {  # layers, heads, hidden, vocabulary, heads of keys and values, width of a gated layer (None: two matrices of 4 hidden)
    "Llama-3-70B": (80, 64, 8192, 128256, 8, 28672), "Llama-3-8B": (32, 32, 4096, 128256, 8, 14336),
    "Llama-3.1-405B": (126, 128, 16384, 128256, 8, 53248), "Llama-2-70B": (80, 64, 8192, 32000, 8, 28672),
    "Llama-2-7B": (32, 32, 4096, 32000, 32, 11008), "Llama-2-13B": (40, 40, 5120, 32000, 40, 13824), "Qwen3-32B": (64, 64, 5120, 151936, 8, 25600),
    "GPT-3-175B": (96, 96, 12288, 51200, 96, None), "GPT-h8192-L48": (48, 64, 8192, 51200, 64, None),
    "GPT-h6144-L40": (40, 48, 6144, 51200, 48, None), "MPT-7b": (32, 32, 4096, 50432, 32, None), "MPT-13b": (40, 40, 5120, 50432, 40, None),
    "MPT-30b": (48, 64, 7168, 50432, 64, None), "MPT-70b": (80, 64, 8192, 50432, 64, None), "MPT-1b": (24, 16, 2048, 50432, 16, None),
    "GPT-530B": (105, 128, 20480, 51200, 128, None), "GPT-1T": (128, 160, 25600, 51200, 160, None),
}  # fmt: skip
BANDWIDTH, COMPUTE = 0.7, 0.5


def milliseconds(row: dict[str, str]) -> float:
    """Predicted time per output token of a row, or time of a step where the row is one of training."""
    return _training(row) if "step_s" in row else _serving(row)


def _serving(row: dict[str, str]) -> float:
    from llm_analysis.analysis import infer

    found = _asked(
        infer, row, row["weight_precision"], batch_size_per_gpu=round(float(row["concurrency"])), seq_len=round(float(row["in_len"])),
        num_tokens_to_generate=round(float(row["out_len"])), tp_size=int(float(row["n_chips"])), hbm_memory_efficiency=BANDWIDTH,
    )  # fmt: skip
    return float(found["decode_latency"]) * 1e3


def _training(row: dict[str, str]) -> float:
    from llm_analysis.analysis import train

    if not all(row[key] for key in ("n_chips", "batch_seqs", "micro_batch", "seq_len")):
        raise Refused("batch, micro-batch or length unstated")
    chips, tp, pp = (int(float(row[key] or 1)) for key in ("n_chips", "tp", "pp"))
    found = _asked(
        train, row, row["precision"], batch_size_per_gpu=round(float(row["micro_batch"])), global_batch_size=round(float(row["batch_seqs"])),
        seq_len=round(float(row["seq_len"])), total_num_gpus=chips, tp_size=tp, pp_size=pp, dp_size=max(1, chips // (tp * pp)),
        activation_recomputation={"full": 2, "selective": 1}.get(row["recompute"], 0),
    )  # fmt: skip
    return float(found["latency_per_iter"]) * 1e3


def _asked(ask, row, precision, **how):
    if row["model"] not in MODELS or row["chip"] not in GPUS or precision not in KINDS:
        raise Refused(f"no {row['model']} in {precision} on {row['chip']}")
    with tempfile.TemporaryDirectory() as folder, asking():
        path = Path(folder) / "model.json"
        path.write_text(json.dumps(_described(row["model"])), encoding="utf-8")
        return ask(str(path), GPUS[row["chip"]], KINDS[precision], log_level="ERROR", flops_efficiency=COMPUTE, **how)


def _described(name: str) -> dict:
    layers, heads, hidden, vocabulary, cached, width = MODELS[name]
    ffn = 4 * hidden if width is None else width * 3 // 2
    return {
        "name": name, "num_layers": layers, "n_head": heads, "hidden_dim": hidden, "vocab_size": vocabulary, "max_seq_len": 131072,
        "num_key_value_heads": cached, "ffn_embed_dim": ffn, "expansion_ratio": ffn / hidden, "model_type": "llama",
    }  # fmt: skip
