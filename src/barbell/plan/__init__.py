"""What to build, when and where, and what each scarce thing is worth."""
