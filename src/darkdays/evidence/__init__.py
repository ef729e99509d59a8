"""What a verdict may look at, and how else it may be read."""
