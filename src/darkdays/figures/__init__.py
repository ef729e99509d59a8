"""The figures of a report: each with alt text and a table of the very numbers it draws."""
