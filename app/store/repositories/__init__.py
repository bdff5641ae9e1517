"""Queries and writes, one module per group of tables."""
