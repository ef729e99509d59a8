"""Generators of ground truth: data whose answer is known, stamped SIMULATED."""
