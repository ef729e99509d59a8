"""Versioned reports: findings, evidence and provenance in an immutable folder."""
