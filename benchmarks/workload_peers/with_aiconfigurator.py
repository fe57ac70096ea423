"""AIConfigurator: measured kernels, interpolated, with its formulas where no kernel was measured (mode HYBRID)."""

from __future__ import annotations

from workload_peers import Refused, asking

MODELS = {
    "DeepSeek-R1": "deepseek-ai/DeepSeek-R1", "DeepSeek-V3": "deepseek-ai/DeepSeek-V3", "Llama-3-70B": "meta-llama/Meta-Llama-3.1-70B",
    "Llama-3-8B": "meta-llama/Meta-Llama-3.1-8B", "Llama-3.1-405B": "meta-llama/Meta-Llama-3.1-405B", "gpt-oss-120b": "openai/gpt-oss-120b",
    "Qwen3-32B": "Qwen/Qwen3-32B", "Qwen3-235B-A22B": "Qwen/Qwen3-235B-A22B", "MiniMax-M2.5": "MiniMaxAI/MiniMax-M2.5",
    "Qwen3.5-397B-A17B": "Qwen/Qwen3.5-397B-A17B", "Kimi-K2.5": "moonshotai/Kimi-K2.5", "GLM-5": "zai-org/GLM-5",
    "Mixtral-8x7B": "mistralai/Mixtral-8x7B-v0.1", "Llama-4-Scout": "meta-llama/Llama-4-Scout-17B-16E-Instruct",
}  # fmt: skip
SYSTEMS = {"H100": "h100_sxm", "H200": "h200_sxm", "B200": "b200_sxm", "B300": "b300_sxm", "GB200": "gb200", "GB300": "gb300"}
KINDS = {"fp8": "fp8_block", "fp4": "nvfp4", "bf16": "bfloat16"}
ROUTED = {
    "DeepSeek-R1", "DeepSeek-V3", "gpt-oss-120b", "Qwen3-235B-A22B", "MiniMax-M2.5", "Qwen3.5-397B-A17B", "Kimi-K2.5", "GLM-5", "Mixtral-8x7B",
    "Llama-4-Scout",
}  # fmt: skip


def milliseconds(row: dict[str, str]) -> float:
    """Predicted time per output token of a row."""
    from aiconfigurator.cli.api import cli_estimate

    if row["model"] not in MODELS or row["chip"] not in SYSTEMS or row["weight_precision"] not in KINDS:
        raise Refused(f"no {row['model']} in {row['weight_precision']} on {row['chip']}")
    chips, ep = int(float(row["n_chips"])), int(float(row["ep"] or 1))
    experts = {"moe_ep_size": ep, "moe_tp_size": max(1, chips // ep)} if row["model"] in ROUTED else {}
    blocks = row["model"].startswith(("DeepSeek", "Qwen", "GLM", "MiniMax"))
    kind = "fp8" if row["weight_precision"] == "fp8" and not blocks else KINDS[row["weight_precision"]]
    quantised = {} if row["model"] == "gpt-oss-120b" else {"gemm_quant_mode": kind, **({"moe_quant_mode": kind} if experts else {})}
    with asking():
        found = cli_estimate(
            MODELS[row["model"]], SYSTEMS[row["chip"]], backend_name=row["engine"], database_mode="HYBRID", isl=round(float(row["in_len"])),
            osl=round(float(row["out_len"])), batch_size=round(float(row["concurrency"])), tp_size=chips, **experts, **quantised,
        )  # fmt: skip
    return float(found.tpot)
