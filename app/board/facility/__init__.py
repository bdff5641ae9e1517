"""One facility on the board: which channel counts, how fresh its lines are, what it adds to its areas, its figures."""
