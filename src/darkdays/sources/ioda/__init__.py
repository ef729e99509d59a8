"""IODA: Internet Outage Detection and Analysis."""
