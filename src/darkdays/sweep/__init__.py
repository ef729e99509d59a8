"""Many studies at once on Dask: planned, bounded, resumable, and equal to each study run alone."""
