"""What a signal would be without an outage: its season on the local clock around its level."""
