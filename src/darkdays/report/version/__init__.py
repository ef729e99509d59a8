"""Versions of a report: what they are made of, sealed, compared, placed and cited."""
