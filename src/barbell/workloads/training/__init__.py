"""How fast chips train language models: step time from structure, constants from measured rows, an interval for what is left."""
