"""Shared reads: what waits for planning, lists, what a page shows."""
