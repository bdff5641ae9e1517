"""The edge: limits that hold before any route is chosen, and the server that keeps those of a connection."""
