"""Operations on the whole database: migrations, schema check, roles, backup, restore, rebuild."""
