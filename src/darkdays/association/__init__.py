"""Outages of places held against events: tests, controls and the curve of every specification.

The statistics are in :mod:`darkdays.correlate`; here they are put to a case.
"""
