"""The lists that show several apps together."""
