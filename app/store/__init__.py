"""What survives a restart. The only room that speaks SQL."""
