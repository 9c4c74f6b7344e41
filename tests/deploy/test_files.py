"""The shipped units, containers and server settings fit each other and the portal's settings."""

import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
import redis
import yaml

from script import servers
from tests.conftest import ROOT, process
from tests.deploy.units import DEPLOY, command_of, unit
from tests.ports import free_port

UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
SERVICES = [name for name in UNITS if name.endswith(".service")]
OURS = [name for name in SERVICES if name != "portal-nginx.service"]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
BUILT = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
# Ends a command line for our purposes: the rest is where it listens or writes.
VARIABLE = re.compile(r"^[A-Z][A-Z_0-9]*$")


def known_variables() -> set[str]:
    """Return every variable that the settings read, with the form that names a file."""
    source = "".join((ROOT / "portal" / name).read_text() for name in ("settings.py", "env.py"))
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_0-9]+)"', source))
    return names | {f"{name}_FILE" for name in names}


def set_by(lines) -> set[str]:
    return {word.partition("=")[0] for line in lines for word in shlex.split(line)}


def lines_of(name, option) -> list[str]:
    text = (DEPLOY / "systemd" / name).read_text()
    return re.findall(rf"^{option}=(.*)$", text, re.MULTILINE)


def test_systemd_understands_the_units(tmp_path):
    for name in UNITS:
        text = (DEPLOY / "systemd" / name).read_text()
        for path, instead in (
            ("/opt/portal/.venv/bin", str(ROOT / ".venv" / "bin")),
            ("/opt/portal", str(ROOT)),
        ):
            text = text.replace(path, instead)
        (tmp_path / name).write_text(text)
    verify = ["systemd-analyze", "verify", "--man=no"]
    files = [tmp_path / name.replace("@.", "@8001.") for name in UNITS]
    (tmp_path / "portal-web@8001.service").write_text(
        (tmp_path / "portal-web@.service").read_text()
    )
    done = subprocess.run([*verify, *files], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "portal" in line]
    assert ours == []


@pytest.mark.parametrize("name", SERVICES)
def test_units_are_hardened(name):
    service = unit(name)["Service"]
    for option in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[option] == "yes", option
    assert service["ProtectSystem"] == "strict"
    if name in OURS:
        assert service["User"] == "portal"
        assert service["CapabilityBoundingSet"] == ""
        assert (service["IPAddressDeny"], service["IPAddressAllow"]) == ("any", "localhost")


@pytest.mark.parametrize("name", OURS)
def test_units_set_only_what_the_settings_read(name):
    assert set_by(lines_of(name, "Environment")) <= known_variables()


def test_example_and_containers_set_only_what_the_settings_read():
    example = (DEPLOY / "portal.env.example").read_text().splitlines()
    names = {line.partition("=")[0] for line in example if line and not line.startswith("#")}
    assert names <= known_variables()
    for service in BUILT.values():
        assert set(service["environment"]) <= known_variables()
    source = (DEPLOY / "Containerfile").read_text()
    assert set(re.findall(r"(PORTAL_\w+)=", source)) <= known_variables()


def test_containers_run_what_the_units_run():
    def programs(words):
        kept = [Path(words[0]).name, *words[1:]]
        return [word for word in kept if ":8" not in word and "schedule" not in word]

    for unit_name, name in (
        ("portal-web@.service", "web1"),
        ("portal-worker.service", "worker"),
        ("portal-scheduler.service", "scheduler"),
    ):
        ours = programs(command_of(unit_name, "8000"))
        assert ours == programs(COMPOSE["services"][name]["command"]), name
    assert COMPOSE["services"]["web1"] == COMPOSE["services"]["web2"]


def test_containers_have_no_more_than_they_need():
    for name, service in COMPOSE["services"].items():
        assert "privileged" not in service
        if name != "prepare":
            assert "resources" in service["deploy"], name
        if name != "postgresql":
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
        for secret in service.get("secrets", ()):
            assert secret in COMPOSE["secrets"]
        # Secrets are files, never variables.
        values = map(str, service.get("environment", {}).values())
        assert not any("postgres://" in value or "redis://" in value for value in values)
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == [
        "nginx"
    ]
    for volume in re.findall(r"\./(\w+)", (DEPLOY / "compose.yaml").read_text()):
        assert volume == "secrets" or (DEPLOY / volume).is_dir(), volume


def test_container_is_not_root_and_names_no_registry():
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    assert "USER portal" in lines
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM ${BASE} AS build",
        "FROM ${BASE}",
    ]


def test_a_build_sees_no_secret_and_nothing_that_a_checkout_gathers():
    hidden = set((ROOT / ".dockerignore").read_text().splitlines())
    kept_out_of_git = {
        line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if "/" in line
    }
    assert "deploy/secrets" in kept_out_of_git
    assert {".git", *kept_out_of_git} - {"__pycache__"} <= hidden


@pytest.mark.servers
def test_redis_takes_the_shipped_settings_and_lets_the_portal_do_its_work(tmp_path):
    acl = (DEPLOY / "redis" / "portal.acl.example").read_text()
    (tmp_path / "portal.acl").write_text(acl.replace("CHANGE-THIS-PASSWORD", "secret"))
    port = free_port()
    program = servers.redis_command(tmp_path, port)[0]
    command = [program, str(DEPLOY / "redis" / "redis.conf"), "--port", str(port)]
    command += ["--dir", str(tmp_path), "--aclfile", str(tmp_path / "portal.acl")]
    with process(command, None):
        address = f"redis://portal:secret@127.0.0.1:{port}/0"
        with redis.Redis.from_url(address) as client:
            for _attempt in range(200):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
            client.set("key", 1, ex=5)
            client.lpush("queue", "job")
            assert client.brpop("queue", 1)[1] == b"job"
            assert client.info("server")["redis_version"]
            for refused in (["CONFIG", "GET", "*"], ["FLUSHALL"], ["SHUTDOWN"], ["ACL", "LIST"]):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    client.execute_command(*refused)
        with (
            redis.Redis(port=port) as stranger,
            pytest.raises(redis.exceptions.AuthenticationError),
        ):
            stranger.get("key")


@pytest.mark.servers
def test_postgresql_takes_the_shipped_settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgresql")
    programs = servers.postgres_programs(folder)
    user = servers.unprivileged_user()
    settings = folder / "portal.conf"
    shutil.copy(DEPLOY / "postgresql" / "portal.conf", settings)
    for path in (folder, *folder.parents):
        if path.is_relative_to("/tmp/pytest-of-root"):  # noqa: S108 -- where pytest writes
            path.chmod(0o755)
    command = [programs / "postgres", "-C", "shared_buffers", "-c", f"config_file={settings}"]
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user["user"], user["group"])
    initdb = [programs / "initdb", "-D", data, "-U", "portal", "-A", "trust", "--no-sync"]
    subprocess.run(initdb, cwd=data, check=True, capture_output=True, **user)
    command += ["-D", data]
    done = subprocess.run(command, cwd=data, capture_output=True, text=True, check=False, **user)
    assert (done.returncode, done.stdout.strip()) == (0, "65536"), done.stderr


def test_the_role_of_the_portal_owns_its_database_and_nothing_else(tmp_path_factory):
    folder = tmp_path_factory.mktemp("role")
    for path in (folder, *folder.parents):
        if path.is_relative_to("/tmp/pytest-of-root"):  # noqa: S108 -- where pytest writes
            path.chmod(0o755)
    # The role that owns the cluster of tests has the name already.
    statements = (DEPLOY / "postgresql" / "role.sql").read_text().replace("portal", "house")
    cluster = servers.Cluster(folder)
    cluster.create()
    cluster.start()
    try:
        psql = [cluster.programs / "psql", "-v", "ON_ERROR_STOP=1", "-v", "word=it's"]
        subprocess.run(
            [*psql, "-d", cluster.address], input=statements, text=True, check=True,
            capture_output=True,
        )  # fmt: skip
        own = f"postgres://house@127.0.0.1:{cluster.port}/house"
        with psycopg.connect(own, autocommit=True) as connection:
            connection.execute("CREATE TABLE paper (id int)")
            for statement in (
                "COPY paper TO PROGRAM 'true'",
                "ALTER SYSTEM SET fsync = off",
                "CREATE ROLE other",
                "CREATE DATABASE other",
                "SELECT * FROM pg_authid",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    finally:
        cluster.stop()
