"""Second opinions on the plan."""
