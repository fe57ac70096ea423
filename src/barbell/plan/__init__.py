"""What to build, when and where, and what each scarce thing is worth."""

from barbell.plan.conflict import Conflict
from barbell.plan.diagnose import Lunch
from barbell.plan.follow import Held, entities_below, follow
from barbell.plan.greedy import greedy
from barbell.plan.lp import Options
from barbell.plan.model import Model, write
from barbell.plan.pin import pinned
from barbell.plan.prices import Bottleneck, explain
from barbell.plan.reason import reasons
from barbell.plan.review import Finding, Reviewed, ranked, review
from barbell.plan.robust import Loss, early_loss
from barbell.plan.solve import Plan, Status, again, solve

__all__ = [
    "Bottleneck",
    "Conflict",
    "Finding",
    "Held",
    "Loss",
    "Lunch",
    "Model",
    "Options",
    "Plan",
    "Reviewed",
    "Status",
    "again",
    "early_loss",
    "entities_below",
    "explain",
    "follow",
    "greedy",
    "pinned",
    "ranked",
    "reasons",
    "review",
    "solve",
    "write",
]
