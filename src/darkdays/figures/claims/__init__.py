"""Figures of verdicts: specification curves and lags."""
