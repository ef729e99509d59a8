"""What a case asks of services, asking it, and reading what came back."""
