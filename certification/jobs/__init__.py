"""The jobs of certification; all modules of this package are imported at the start."""
