"""Commands: ``barbell new | check | plan | explain``.

Results go to standard output, progress to standard error. Exit codes: 0 ok, 1 case error, 2 infeasible or unbounded,
3 solver limit, 4 bug.
"""

from barbell.cli.app import main

__all__ = ["main"]
