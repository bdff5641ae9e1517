"""The words and the rules. Standard library only; nothing here waits."""
