"""One module per group of tables: its queries and writes."""
