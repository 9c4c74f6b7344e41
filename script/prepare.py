"""Bring database, schemes and, once, the demo up to date before the portal starts."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django
from django.conf import settings
from django.core.management import call_command, get_commands


def main():
    """Run the commands; a demo that was cut short is loaded again at the next start."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    commands = get_commands()
    if "sync_schemes" in commands:
        call_command("sync_schemes", verbosity=0)
    loaded = settings.DATA_DIR / "demo_loaded"
    if settings.DEMO and "demo" in commands and not loaded.exists():
        print("Loading the demo, once", file=sys.stderr, flush=True)
        call_command("demo", verbosity=0)
        loaded.touch()


if __name__ == "__main__":
    main()
