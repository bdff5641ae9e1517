"""The database as a whole: migrations, schema check, roles, backup, restore, rebuild."""
