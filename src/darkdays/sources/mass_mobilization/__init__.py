"""Mass Mobilization Protest Data."""
