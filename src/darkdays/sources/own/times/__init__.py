"""Times as people write them: ISO 8601 in all its forms, epochs, days, local clocks, calendars."""
