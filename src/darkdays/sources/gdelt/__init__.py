"""The GDELT Project."""
