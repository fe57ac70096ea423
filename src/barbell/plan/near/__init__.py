"""Plans that are nearly as good: as far as the value lets them go in directions that planners speak of."""

from barbell.plan.near.direction import Direction, directions
from barbell.plan.near.search import Near, nearby

__all__ = ["Direction", "Near", "directions", "nearby"]
