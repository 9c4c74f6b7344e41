"""The nightly sweep over 327,000 certificates on PostgreSQL, beside a loop over all with save().

A private PostgreSQL gets a register of three years, evenly spread: every night about one in a
thousand ends, and as many surveillances fall due. The night is done once, with all its acts
through the workflow engine. Then, with nothing left to do, rounds are interleaved: the sweep
looks through the whole register, and the loop takes a sample: each certificate of it is fetched,
its dates are counted by the same rules, and it is saved. The loop's time for one certificate,
times their number, is what the sweep is compared with. Writes var/bench/sweep.json.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "script")]
RESULT = CHECKOUT / "var" / "bench" / "sweep.json"
# The steps that look at certificates and what belongs to them; reminders are measured beside.
STEPS = ("expiry", "escalation", "proposals")


def main():
    """Measure in a process of its own on a private server; print and keep what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--certificates", type=int, default=327_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        print(json.dumps(inner(options)))
        return
    from servers import clean_environment, postgresql  # noqa: PLC0415 -- needs the path above

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with postgresql(folder) as address:
            environment = {
                **clean_environment(),
                "DATABASE_URL": address,
                "PORTAL_DATA_DIR": str(folder / "data"),
                "PORTAL_SECRET_KEY": "b" * 64,
                "PORTAL_BASE_URL": "http://127.0.0.1:8000",
                "PORTAL_DEMO": "1",
            }
            (folder / "data").mkdir()
            done = subprocess.run(
                [sys.executable, __file__, "--inner", *sys.argv[1:]],
                env=environment, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
    found = json.loads(done.stdout)
    show(found)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")


def show(found):
    """Print both sides, the ratio, and what the acts cost."""
    print(f"{found['certificates']} certificates, {found['rounds']} rounds, "
          f"load {found['load_before']:.1f} before, {found['load_after']:.1f} after")  # fmt: skip
    print(f"\n{'the first night':<24}{'acts':>8}{'seconds':>10}{'ms an act':>11}")
    for row in found["night"]:
        each = f"{row['seconds'] / row['acts'] * 1000:.1f}" if row["acts"] else ""
        print(f"{row['step']:<24}{row['acts']:>8}{row['seconds']:>10.2f}{each:>11}")
    print(f"\n{'looking, nothing to do':<24}{'median s':>10}{'queries':>9}")
    for row in found["looking"]:
        print(f"{row['step']:<24}{row['median']:>10.3f}{row['queries']:>9}")
    loop, sweep, night = found["loop"], found["sweep"], found["whole_night"]
    print(f"\nloop with save(): {loop['ms_each']:.2f} ms each, {loop['seconds']:.0f} s for all "
          f"(from {loop['sample']})")  # fmt: skip
    print(f"sweep, looking at all: {sweep['seconds']:.3f} s, ratio {sweep['ratio']:.0f}")
    print(f"whole night with its {night['acts']} acts: {night['seconds']:.1f} s, "
          f"ratio {night['ratio']:.1f}; memory at most {found['megabytes']} MB")  # fmt: skip


def inner(options) -> dict:
    """Fill the database of this environment and measure on it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    import django  # noqa: PLC0415 -- only in the process that measures

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from parts import register  # noqa: PLC0415

    from foundation import sweeps  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("sync_schemes", verbosity=0)
    register.fill(options.certificates)
    load = os.getloadavg()[0]
    # Reminders of a register that comes from nowhere would all be given on the first night.
    night = [once(step) for step in sweeps.in_order(STEPS)]
    remind_all_before()
    night.append(once(sweeps.STEPS["reminders"]))
    times = {step.name: [] for step in sweeps.in_order()}
    loops = []
    for number in range(options.rounds):
        for step in sweeps.in_order():
            times[step.name].append(once(step)["seconds"])
        loops.append(loop(options.sample, number))
    looking = [
        {"step": step.name, "median": statistics.median(times[step.name]), "queries": asked(step)}
        for step in sweeps.in_order()
    ]
    each = statistics.median(loops)
    sweep = sum(row["median"] for row in looking if row["step"] in STEPS)
    whole = sum(row["seconds"] for row in night if row["step"] in STEPS)
    return {
        "what": "nightly sweep, set-based, beside a loop over all with save()",
        "certificates": options.certificates,
        "rounds": options.rounds,
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "night": night,
        "looking": looking,
        "loop": {
            "sample": options.sample,
            "ms_each": each * 1000,
            "seconds": each * options.certificates,
        },
        "sweep": {"seconds": sweep, "ratio": each * options.certificates / sweep},
        "whole_night": {
            "acts": sum(row["acts"] for row in night if row["step"] in STEPS),
            "seconds": whole,
            "ratio": each * options.certificates / whole,
        },
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def once(step) -> dict:
    """Do a step and return how many acts it took, and how long."""
    from foundation import sweeps  # noqa: PLC0415

    begin = time.perf_counter()
    acts = step.run(sweeps.silent)
    return {"step": step.name, "acts": acts, "seconds": time.perf_counter() - begin}


def asked(step) -> int:
    """Return how many statements a step with nothing to do takes."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from foundation import sweeps  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        step.run(sweeps.silent)
    return len(queries)


def remind_all_before():
    """Note every reminder of yesterday as given, as the nights before would have."""
    from datetime import timedelta  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from foundation import reminders  # noqa: PLC0415
    from foundation.models import GivenReminder  # noqa: PLC0415
    from foundation.models.base import subject_type  # noqa: PLC0415

    yesterday = timezone.localdate() - timedelta(days=1)
    for reminder in reminders.REMINDERS.values():
        kind = subject_type(reminder.rows().model)
        found = reminder.steps(yesterday)
        GivenReminder.objects.bulk_create(
            [
                GivenReminder(
                    key=reminder.key, subject_type=kind, subject_id=pk, date=date, step=step
                )
                for key, steps in found.all.items()
                for pk, date, step in reminders.due(reminder, found.holds(key), steps, yesterday)
            ],
            batch_size=5000,
        )


def loop(sample: int, number: int) -> float:
    """Take certificates one by one as a loop over all would; return the seconds for each."""
    from certification.models import Certificate  # noqa: PLC0415
    from certification.services import programme  # noqa: PLC0415
    from schemes.queries import book_of  # noqa: PLC0415

    books = {}
    rows = Certificate.objects.select_related("case__rule_set").prefetch_related("case__programme")
    chosen = rows.order_by("code")[number * sample : (number + 1) * sample]
    begin = time.perf_counter()
    for certificate in chosen.iterator(chunk_size=500):
        case = certificate.case
        if case.rule_set_id not in books:
            books[case.rule_set_id] = book_of(case.rule_set)
        programme.misplaced(case, books[case.rule_set_id])
        certificate.save()
    return (time.perf_counter() - begin) / sample


if __name__ == "__main__":
    main()
