"""Persistent state, the only package that uses SQL: the ledger, the tables derived from it, and the engines."""
