"""What is handed from room to room: signals, events, datasources, and what may be shown of them."""
