"""Workloads that benchmarks fix and their rows leave out: lengths of requests, and the time per token that must be kept.

MLPerf Inference v5.1 runs published data sets; the mean lengths are those of the sets as commonly cited (from memory, unverified: a fitted level per
benchmark takes up what they miss), the levels those of its rules. Open-loop runs without lengths are taken as a usual chat.
"""

from __future__ import annotations

LENGTHS = {
    "Llama-2-70B": (294.0, 294.0),
    "Llama-3-70B": (294.0, 294.0),
    "Llama-3.1-405B": (9428.0, 684.0),
    "Llama-3-8B": (778.0, 73.0),
    "Mixtral-8x7B": (280.0, 146.0),
    "DeepSeek-R1": (800.0, 3886.0),
}
"""Mean tokens in and out by model: OpenOrca, long documents, CNN/DailyMail, OpenOrca with GSM8K and MBXP, reasoning."""
LEVELS = {
    ("Llama-2-70B", "server"): 0.200, ("Llama-2-70B", "interactive"): 0.040, ("Llama-3.1-405B", "server"): 0.175,
    ("Llama-3.1-405B", "interactive"): 0.080, ("Llama-3-8B", "server"): 0.100, ("Llama-3-8B", "interactive"): 0.030,
    ("Mixtral-8x7B", "server"): 0.200, ("DeepSeek-R1", "server"): 0.080,
}  # fmt: skip
"""Seconds per token, 99th percentile, by model and mode."""
OPEN_LOOP = (8.0, 512.0, 250.0)
"""Requests in flight, tokens in and out that are taken where a row states none."""
