"""When a signal was down: onset, depth and recovery, and whose fault it is not."""
