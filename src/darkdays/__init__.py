"""Reproducible evidence on whether the internet was shut down because of a protest."""

__version__ = "0.1.0"
