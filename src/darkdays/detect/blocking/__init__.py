"""Blocking of sites and apps: counts by network, states over time, and changes between them."""
