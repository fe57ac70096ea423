"""GenZ: a roofline with one efficiency, 0.7, and its own list of models and accelerators; what it lacks of ours is described to it."""

from __future__ import annotations

from workload_peers import Refused, asking

MODELS = {
    "Llama-3-70B": "meta-llama/meta-llama-3.1-70b", "Llama-3-8B": "meta-llama/meta-llama-3.1-8b", "Llama-3.1-405B": "meta-llama/meta-llama-3.1-405b",
    "DeepSeek-R1": "deepseek-ai/DeepSeek-V3-Base", "DeepSeek-V3": "deepseek-ai/DeepSeek-V3-Base", "Mixtral-8x7B": "mistralai/Mixtral-8x7B",
    "Llama-2-7B": "meta-llama/Llama-2-7B", "Llama-2-13B": "meta-llama/Llama-2-13B",
}  # fmt: skip
SYSTEMS = {  # bf16 TFLOP/s, GB, GB/s, GB/s of a link in one direction
    "H100": {"Flops": 989, "Memory_size": 80, "Memory_BW": 3350, "ICN": 450, "real_values": True},
    "H200": {"Flops": 989, "Memory_size": 141, "Memory_BW": 4800, "ICN": 450, "real_values": True},
    "B200": {"Flops": 2250, "Memory_size": 180, "Memory_BW": 8000, "ICN": 900, "real_values": True},
    "B300": {"Flops": 2250, "Memory_size": 288, "Memory_BW": 8000, "ICN": 900, "real_values": True},
}
KINDS = {"fp8": "fp8", "bf16": "bf16", "fp4": "int4"}
EFFICIENCY = 0.7


def milliseconds(row: dict[str, str]) -> float:
    """Predicted time per output token of a row."""
    from GenZ import decode_moddeling

    if row["model"] not in MODELS or row["chip"] not in SYSTEMS or row["weight_precision"] not in KINDS:
        raise Refused(f"no {row['model']} in {row['weight_precision']} on {row['chip']}")
    chips, ep = int(float(row["n_chips"])), int(float(row["ep"] or 1))
    with asking():
        found = decode_moddeling(
            model=MODELS[row["model"]], batch_size=round(float(row["concurrency"])), input_tokens=round(float(row["in_len"])),
            output_tokens=round(float(row["out_len"]) / 2), Bb=1, system_name=SYSTEMS[row["chip"]], system_eff=EFFICIENCY,
            bits=KINDS[row["weight_precision"]], tensor_parallel=max(1, chips // ep), expert_parallel=ep, model_profilling=False,
            parallelism_heirarchy=f"TP{{{max(1, chips // ep)}}}_EP{{{ep}}}_PP{{1}}",
        )  # fmt: skip
    return float(found["Latency"])
