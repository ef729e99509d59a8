"""Machine code of the detector: compiled once, and where it is kept."""
