"""The documents certification issues."""
