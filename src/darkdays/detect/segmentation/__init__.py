"""Exact segmentation: what a segment costs, and the compiled search for the cheapest cut."""
