"""Reviews of small cases, each with exactly one thing to remark."""
