"""The case file: what one study is made of, read and checked before anything runs."""
