"""Shutdown or something else: what is looked at, what was counted, and what it weighs."""
