"""Figures that public reports printed, embedded with the project."""
