"""Persistent state, the only package that uses SQL: the ledger, the tables that follow from it, and the engine."""
