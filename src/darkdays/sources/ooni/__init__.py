"""OONI: Open Observatory of Network Interference."""
