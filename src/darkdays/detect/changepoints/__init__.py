"""When a series changed: models, the search for changes, and which of them stand."""
