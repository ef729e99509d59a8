"""Speed tests: whether some days were slower than others, and who could still test."""
