"""Figures of sweeps: calendars, rankings, rhythms, and datasources in pairs."""
