"""Finished pages in other languages: taken apart into sentences, looked up, put together again."""
