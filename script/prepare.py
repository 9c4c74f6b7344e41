"""Bring database, schemes and, once, the demo up to date before the portal starts."""

import os
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

django.setup()

from portal.backup.restoring import hold_if_of_two_days  # noqa: E402 -- needs the apps


def forget_half_a_demo(loading):
    """Throw away what a demo that was cut short has left; nobody has worked with it yet."""
    if not loading.exists() or connection.vendor != "sqlite":
        return
    database = Path(connection.settings_dict["NAME"])
    for path in database.parent.glob(f"{database.name}*"):
        path.unlink()
    shutil.rmtree(settings.FILES_DIR, ignore_errors=True)
    loading.unlink()


def load_demo(loading, loaded):
    """Fill an empty portal with the demo, without waiting for the disk at each step."""
    if get_user_model().objects.exists():
        print("There is data already: the demo is not loaded.", file=sys.stderr)
        loaded.touch()
        return
    print("Loading the demo, once; this takes a few minutes.", file=sys.stderr, flush=True)
    begin = time.monotonic()
    loading.touch()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
    call_command("demo")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    loading.rename(loaded)
    print(f"Loaded in {time.monotonic() - begin:.0f} s.", file=sys.stderr)


def main():
    """Run the commands; a demo that was cut short is begun again at the next start."""
    loading, loaded = settings.DATA_DIR / "demo_loading", settings.DATA_DIR / "demo_loaded"
    forget_half_a_demo(loading)
    call_command("migrate", interactive=False, verbosity=0)
    for problem in hold_if_of_two_days():
        print(f"The portal can only be read: {problem}", file=sys.stderr)
    call_command("sync_schemes", verbosity=0)
    if settings.DEMO and not loaded.exists():
        load_demo(loading, loaded)
    call_command("rebuild_work", if_empty=True, verbosity=0)


if __name__ == "__main__":
    main()
