"""What people do for each action of each workflow; importing this package registers them."""

from importlib import import_module

for _name in (
    "applications", "approvals", "audits", "cases", "certificates", "competence", "complaints",
    "findings", "mergers", "others", "rarities", "time", "turns",
):  # fmt: skip
    import_module(f"{__name__}.{_name}")
