"""The composer: the verbs that take a case from its files to an answer."""

from barbell.study.actuals import Actuals, actuals
from barbell.study.alternatives import Alternatives, alternatives
from barbell.study.ask import ask
from barbell.study.compare import Comparison, Variant, compare, variants
from barbell.study.difference import Difference, difference
from barbell.study.headline import headline
from barbell.study.keep import FOLDER, keep, ready, recall
from barbell.study.kept import Kept, opened
from barbell.study.known import known
from barbell.study.pipeline import check, explain, new, plan
from barbell.study.review import Review, review
from barbell.study.run import Run, run
from barbell.study.sheet import Sheet, search, sheet
from barbell.study.usage import Use, derived, formula, uses

__all__ = [
    "FOLDER",
    "Actuals",
    "Alternatives",
    "Comparison",
    "Difference",
    "Kept",
    "Review",
    "Run",
    "Sheet",
    "Use",
    "Variant",
    "actuals",
    "alternatives",
    "ask",
    "check",
    "compare",
    "derived",
    "difference",
    "explain",
    "formula",
    "headline",
    "keep",
    "known",
    "new",
    "opened",
    "plan",
    "ready",
    "recall",
    "review",
    "run",
    "search",
    "sheet",
    "uses",
    "variants",
]
