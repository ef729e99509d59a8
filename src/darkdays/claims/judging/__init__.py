"""What every claim is judged with: verdicts, bounds in words, specifications, what is missing."""
