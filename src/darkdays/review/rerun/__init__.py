"""A study executed again: whose code, which inputs, which interpreter, and no network."""
