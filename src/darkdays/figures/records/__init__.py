"""Figures of records that are no outages: sites, measurements, providers, speeds."""
