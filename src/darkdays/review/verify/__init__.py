"""Checking a report: every file against its digest, every number by doing it again."""
