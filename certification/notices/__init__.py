"""The kinds of notices; all modules of this package are imported at the start."""
