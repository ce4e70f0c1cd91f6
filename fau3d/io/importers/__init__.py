"""Annotation files from what other tools write."""
