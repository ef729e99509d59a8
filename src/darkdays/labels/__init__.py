"""Lists of outages and shutdowns that people labelled: matched, counted, and learned from.

Tables go in and numbers come out; how a list was fetched and read is no concern of this room.
"""
