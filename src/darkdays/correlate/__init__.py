"""Outages against events: order, lag and coincidence.

Knows nothing of how outages were found: detection is finished before events are opened.
"""
