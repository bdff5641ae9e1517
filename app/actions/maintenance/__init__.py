"""Operations on a whole installation: backup, restore, rebuild, verify, reseal. No route calls them."""
