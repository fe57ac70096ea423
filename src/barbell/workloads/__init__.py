"""What a chip does: training and serving rates from facts about chips and models."""
