"""What a sweep would take: its grid, studies, blocks, costs and workers."""
