"""The sourced numbers: a store of facts that knows what was known when."""
