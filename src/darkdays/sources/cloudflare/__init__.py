"""Cloudflare Radar."""
