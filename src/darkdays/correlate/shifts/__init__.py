"""Chance as circular shifts of the calendar inside strata, and the controls that use it."""
