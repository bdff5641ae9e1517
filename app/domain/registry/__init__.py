"""Areas and facilities: what they are and how they may change."""
