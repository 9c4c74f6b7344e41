"""What every test may rely on: engines, jobs, a browser; the people stand in people.py."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.template.base import Variable, VariableDoesNotExist
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from kombu import pools

from foundation import jobs, triggers
from portal import broker as embedded
from portal import env
from portal.celery import app as celery_app
from tests import jobs as _jobs_of_tests  # noqa: F401 -- registers them
from tests import mailserver

pytest_plugins = ["tests.browser", "tests.people", "tests.world"]

ROOT = Path(__file__).resolve().parent.parent
OURS = frozenset(
    {"foundation", "accounts", "organisations", "schemes", "certification", "audits",
     "verification", "portal"}
)  # fmt: skip

# A busy machine is no reason to fail.
property_settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
property_settings.load_profile("patient")


def pytest_collection_modifyitems(config, items):
    """Leave the browser to the first pass, unless asked for; run what is slow first."""
    if os.environ.get("PORTAL_TEST_BROWSER", "1") == "0":
        browser = [item for item in items if item.get_closest_marker("browser")]
        config.hook.pytest_deselected(items=browser)
        items[:] = [item for item in items if item not in browser]


@pytest.fixture(scope="session", autouse=True)
def _emptying_passes_the_triggers():
    """Let Django empty append-only tables between tests that commit."""
    empty = TransactionTestCase._fixture_teardown

    def teardown(self):
        with triggers.suspended(connection):
            empty(self)

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(autouse=True)
def _forgotten_cache():
    """Begin each test with an empty cache, rate limits included."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _vain_questions():
    """Note what templates ask our objects for and do not get: a page would just leave it out."""
    resolve, found = Variable._resolve_lookup, []

    def noted(self, context):
        try:
            return resolve(self, context)
        except VariableDoesNotExist as error:
            name, asked = error.params
            if type(asked).__module__.partition(".")[0] in OURS:
                found.append(f"{type(asked).__name__}.{name}")
            raise

    Variable._resolve_lookup = noted
    yield found
    Variable._resolve_lookup = resolve


@pytest.fixture(autouse=True)
def _answered(_vain_questions):
    """Fail when a template asked one of our objects for something that it does not have."""
    _vain_questions.clear()
    yield
    assert sorted(set(_vain_questions)) == []


@pytest.fixture(autouse=True)
def _forgotten_language():
    """Begin each test in English: a request leaves its language behind in the thread."""
    translation.activate("en")


@pytest.fixture
def run_jobs():
    """Return the function that does every due job in this process."""
    return jobs.run_due


@pytest.fixture
def mail_server(settings):
    """A real conversation with a mail server instead of the outbox in memory."""
    with mailserver.listening() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


@pytest.fixture
def eventually():
    """Return a function that waits until a check returns something true, and returns that."""

    def wait(check, seconds=60, pause=0.05):
        end = time.monotonic() + seconds
        while not (result := check()):
            if time.monotonic() > end:
                pytest.fail(f"did not happen within {seconds} s: {check}")
            time.sleep(pause)
        return result

    return wait


@contextmanager
def process(command, environment, patience=15):
    """Run a process for the time of a block and end it, with its children, afterwards."""
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as child:
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, 9)


@pytest.fixture
def environment(transactional_db):
    """Return the environment in which another process sees the database and files of this test."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PORTAL_TEST_DATA_DIR": str(django_settings.DATA_DIR),
        "PORTAL_TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "REDIS_URL": django_settings.REDIS_URL,
    }


@pytest.fixture
def broker(environment, settings):
    """Run with an empty broker and return its address: the one of this run, or the embedded one."""
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()
        yield settings.REDIS_URL
        return
    command = embedded.command(settings.DATA_DIR)
    with process([*command, "--appendonly", "no"], environment):
        address = embedded.address(settings.DATA_DIR)
        _answers(address)
        environment["REDIS_URL"] = address
        settings.REDIS_URL = address
        settings.BROKER = True
        settings.CELERY_BROKER_URL = env.celery_address(address)
        _publish_to(settings.CELERY_BROKER_URL)
        yield address
    _publish_to("")


def _answers(address):
    with redis.Redis.from_url(address) as client:
        for _attempt in range(200):
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                client.flushdb()
                return
    pytest.fail("the embedded broker does not answer")


def _publish_to(address):
    celery_app.conf.broker_url = celery_app.conf.broker_write_url = address
    pools.reset()
    celery_app._pool = celery_app.amqp._producer_pool = None


@pytest.fixture
def start_worker(broker, environment):
    """Return a function that starts a real Celery worker on the database of this test."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "portal", "worker"]
    command += ["--include", "tests.jobs", "--concurrency", "2", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle"]
    with ExitStack() as workers:
        yield lambda: workers.enter_context(process(command, environment))


@pytest.fixture
def celery_worker(start_worker):
    """Run a real Celery worker and return its process."""
    return start_worker()
