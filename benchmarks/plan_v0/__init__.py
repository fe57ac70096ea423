"""The published benchmark `v0`: one synthetic expansion problem, written in several modelling layers."""
