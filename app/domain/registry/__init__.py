"""Areas and facilities: their fields, and the rules for changing them."""
