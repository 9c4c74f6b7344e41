"""The lists of certification."""
