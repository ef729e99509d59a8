"""Text tables as programs and people save them."""
