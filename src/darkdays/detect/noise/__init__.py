"""How noisy a signal is, and what that says of a change: long-run variance, intervals, p-values."""
