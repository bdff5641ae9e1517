"""Operations on a whole installation: backup, restore, rebuild, verify, new secret keys. No route calls them."""
