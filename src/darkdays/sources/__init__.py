"""One file a data source: what to ask, and how to read what came back. No I/O inside."""
