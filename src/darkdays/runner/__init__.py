"""Notebooks executed by papermill: parameters, kernels, and the canonical form of what ran."""
