"""Access Now's #KeepItOn STOP list."""
