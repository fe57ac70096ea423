"""Who wants how much at what price: curves, growth and backlog from facts."""
