"""Figures of lists of labelled outages and shutdowns."""
