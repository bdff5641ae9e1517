"""Balai: how many beds the city has, and how many are free."""
