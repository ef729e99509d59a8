"""What a sweep says as a whole: its tables, numbers, and page."""
