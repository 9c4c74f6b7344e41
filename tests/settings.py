"""The settings of the tests: the real ones, in a folder of their own, with cheap passwords.

The environment decides the engines as in production: DATABASE_URL and REDIS_URL, or neither.
A process that a test starts inherits folder and database by the two PORTAL_TEST_ variables.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

data_dir = os.environ.get("PORTAL_TEST_DATA_DIR")
if not data_dir:
    data_dir = tempfile.mkdtemp(prefix="portal-test-")
    atexit.register(shutil.rmtree, data_dir, ignore_errors=True)
os.environ["PORTAL_DATA_DIR"] = data_dir
os.environ["PORTAL_STATIC_BUILT"] = "0"
os.environ.setdefault("PORTAL_BASE_URL", "http://localhost")
os.environ.setdefault("PORTAL_DEMO", "1")

from portal import env  # noqa: E402 -- the same
from portal.settings import *  # noqa: E402, F403 -- the real ones, after the lines above
from portal.settings import DATABASES, LOGGING, REDIS_URL  # noqa: E402 -- the same

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LANGUAGE_CODE = "en"
# A test need not survive a power cut.
SILENCED_SYSTEM_CHECKS = ["portal.E001"]
LOGGING["root"]["level"] = "WARNING"

database = DATABASES["default"]
if database["ENGINE"].endswith("sqlite3"):
    # A file, not memory: several threads and processes look at it as they do in production.
    database["NAME"] = Path(data_dir) / "portal.sqlite3"
    database["TEST"] = {"NAME": str(Path(data_dir) / "test.sqlite3")}
    database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
if "PORTAL_TEST_DATABASE" in os.environ:
    database["NAME"] = os.environ["PORTAL_TEST_DATABASE"]

if REDIS_URL and "PORTAL_TEST_DATABASE" not in os.environ:
    # Each worker of xdist has a numbered database of its own.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    REDIS_URL = f"{REDIS_URL.partition('?')[0].rstrip('/')}/{number}"
    CELERY_BROKER_URL = env.celery_address(REDIS_URL)
    CACHES["default"]["LOCATION"] = REDIS_URL  # noqa: F405 -- comes with the real settings

# Nothing is collected for tests; the finders serve what a page asks for.
STATIC_ROOT = Path(data_dir) / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Found when asked for: each test client would look up all of them first, a seventh of the suite.
WHITENOISE_AUTOREFRESH = True
