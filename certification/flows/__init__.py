"""The transition tables; all modules of this package are imported at the start."""
