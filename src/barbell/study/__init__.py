"""The composer: the verbs that take a case from its files to an answer."""

from barbell.study.pipeline import check, explain, new, plan

__all__ = ["check", "explain", "new", "plan"]
