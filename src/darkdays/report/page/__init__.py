"""How a report looks: the page, its tables, its links, and its PDF."""
