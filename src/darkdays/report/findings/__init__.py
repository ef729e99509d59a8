"""What a report states: its numbers with their bounds, witnesses and tolerances."""
