"""The nouns of the house: what a case is made of. No I/O, no solver."""
