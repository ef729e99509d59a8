"""Honest checks of notebooks, for any project: the plugin, and what writers of notebooks share."""
