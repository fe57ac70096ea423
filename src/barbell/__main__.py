"""``python -m barbell``."""

from barbell.cli import main

main()
