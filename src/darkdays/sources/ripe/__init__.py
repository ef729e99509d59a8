"""RIPEstat and RIPE Atlas."""
