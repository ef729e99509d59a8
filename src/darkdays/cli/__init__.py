"""What is typed: one verb a file, its listing and its progress."""
