"""What is asked of a service, the untouched bytes that came back, and the set a run used."""
