"""What changed between two versions, and why."""
