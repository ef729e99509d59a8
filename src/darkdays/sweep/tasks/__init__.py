"""What workers do: store signals, judge them, and put studies together."""
