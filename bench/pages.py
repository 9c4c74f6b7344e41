"""The ten main pages on demonstration data times a hundred, beside bare Django lists.

For each engine a private database is filled with the demonstration a hundred times over (about
6,000 cases of the same bodies). Each page is fetched through the whole portal, middleware and
all, in turn with bare lists that show the same rows in one small template: once as tuples of
values, once as model objects. Printed are the median and the 95th percentile in milliseconds,
the queries of the page, and the ratios of the medians. Writes var/bench/pages.json.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "script")]
ENGINES = ("sqlite", "postgresql")
RESULT = CHECKOUT / "var" / "bench" / "pages.json"


def main():
    """Measure on each engine in a process of its own; print and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--times", type=int, default=100, help="copies of the demonstration")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--demo", type=Path, help="a data folder with the demonstration loaded")
    parser.add_argument("--data", type=Path, help="where to keep the databases for the next run")
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        inner(options)
        return
    results = {"load": os.getloadavg()[0], "times": options.times, "engines": {}}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = options.data or Path(name)
        demo = load_demo(folder, options.demo)
        for engine in options.engine or ENGINES:
            results["engines"][engine] = measure(engine, folder, demo, options)
    show(results)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(results, indent=1))


def load_demo(folder, made):
    """Return a data folder with the demonstration: a copy of one, or loaded in a few minutes."""
    data = folder / "demo"
    environment = {**os.environ, "PORTAL_DATA_DIR": str(data), "PORTAL_DEMO": "1"}
    fill = [["demo"]]
    if data.exists():
        fill = []
    elif made:
        data.mkdir(parents=True)
        shutil.copy(made / "portal.sqlite3", data)
        shutil.copytree(made / "files", data / "files")
        fill = [["rebuild_work", "--if-empty"]]
    for command in (["migrate", "-v0"], *fill):
        subprocess.run(
            [sys.executable, CHECKOUT / "manage.py", *command],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    return data


def measure(engine, folder, demo, options):
    """Fill a database of this engine and measure on it; return what was found."""
    from servers import clean_environment, postgresql  # noqa: PLC0415 -- needs the path above

    with ExitStack() as stack:
        environment = {
            **clean_environment(),
            "PORTAL_DATA_DIR": str(folder / engine),
            "PORTAL_DEMO": "1",
            "PORTAL_BASE_URL": "http://127.0.0.1:8000",
        }
        if engine == "postgresql":
            cluster = folder / "cluster"
            cluster.mkdir(exist_ok=True)
            cluster.chmod(0o755)
            folder.chmod(0o755)
            environment["DATABASE_URL"] = stack.enter_context(postgresql(cluster))
            environment["PORTAL_SECRET_KEY"] = "b" * 64
        command = [sys.executable, __file__, "--inner", "--demo", str(demo)]
        command += ["--times", str(options.times), "--rounds", str(options.rounds)]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    return json.loads(done.stdout)


def show(results):
    """Print one table for each engine."""
    for engine, found in results["engines"].items():
        print(f"\n{engine}: {found['cases']} cases, {found['work']} pieces of work, "
              f"{found['rows']} rows, load {results['load']:.1f}")  # fmt: skip
        print(
            f"{'page':<24}{'p50 ms':>8}{'p95 ms':>8}{'queries':>9}{'values ms':>11}{'ratio':>7}"
            f"{'objects ms':>12}{'ratio':>7}"
        )
        for page in found["pages"]:
            print(f"{page['name']:<24}{page['p50']:>8.1f}{page['p95']:>8.1f}{page['queries']:>9}"
                  f"{page['bare']:>11.1f}{page['ratio']:>7.2f}"
                  f"{page['objects']:>12.1f}{page['objects_ratio']:>7.2f}")  # fmt: skip


def inner(options):
    """Fill the database of this environment and measure every page on it; print JSON."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    import django  # noqa: PLC0415 -- only in the process that measures
    from django.conf import settings  # noqa: PLC0415

    source = {
        **settings.DATABASES["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": options.demo / "portal.sqlite3",
        "OPTIONS": {},
    }
    settings.DATABASES["source"] = source
    settings.ALLOWED_HOSTS.append("testserver")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from parts import multiply, visits  # noqa: PLC0415

    from foundation import statistics  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    filled = settings.DATA_DIR / "filled"
    if not filled.exists():
        shutil.copytree(options.demo / "files", settings.DATA_DIR / "files")
        filled.write_text(str(multiply.multiply("source", options.times)))
        statistics.renew()  # as every night
    rows = int(filled.read_text())
    print(json.dumps(visits.measured(rows, options.rounds)))


if __name__ == "__main__":
    main()
