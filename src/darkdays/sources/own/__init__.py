"""Anyone's own tables: signals and dated events."""
