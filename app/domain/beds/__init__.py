"""Bed types, counts of beds, and how fresh they are."""
