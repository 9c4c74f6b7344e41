"""What holds after every day; importing this package registers it all."""

from importlib import import_module

# The journal first: the others compare with what it tells.
for _name in ("journal", "certificates", "decisions", "complaints", "deadlines", "waiting"):
    import_module(f"{__name__}.{_name}")
