"""Rows of counts for every area, and how a query adds them up. Facilities and the clock are known elsewhere."""
