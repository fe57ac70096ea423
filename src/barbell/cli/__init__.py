"""Commands: ``barbell new | check | plan | explain | run | compare | report``,
``barbell facts show | find | conflicts | diff | check | claims | import``, ``barbell case export | import``.

Results go to standard output, progress and errors to standard error; with ``--json`` results and errors alike are one object
on standard output. Exit codes: 0 ok, 1 case or usage error, 2 infeasible or unbounded, 3 solver limit, 4 bug.
"""

from barbell.cli.run import main

__all__ = ["main"]
