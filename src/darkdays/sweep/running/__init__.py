"""A sweep under way: what is asked, what can start, what is done, and who is told."""
