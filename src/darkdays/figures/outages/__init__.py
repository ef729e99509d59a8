"""Figures of outages: when signals went down, how they came back, and what is excluded."""
