"""The polite client: one question after the other, patiently, and whatever came is kept."""
