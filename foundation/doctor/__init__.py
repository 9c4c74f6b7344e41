"""What the doctor asks about foundation's tables; all modules of this package are imported."""
