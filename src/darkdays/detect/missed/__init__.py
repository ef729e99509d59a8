"""What would have been missed: outages put into real records, and the bounds that follow."""
