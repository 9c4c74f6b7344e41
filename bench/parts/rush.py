"""Let everybody work for some minutes; look at answers, memory and records."""

import os
import statistics
import sys
import time
from collections import Counter, defaultdict

from bench.parts import crowd
from certification.models import Certificate
from foundation import jobs
from foundation.models import Job
from tests.certification.casework import decide_as
from tests.faults import world

EVERY = 30
SETTLED = 60
# Memory that grows by less than this share in a minute is flat: caches fill for some minutes.
FLAT = 0.02


def measure(site, seconds, size):
    """Fill a portal, let sixty people work in it who upload files of a size; return the facts."""
    site.start()
    people = crowd.Crowd()
    for case in world.cases(people.cast, crowd.PUBLIC):
        decide_as(people.cast, case, "grant")
    wait(at_rest)
    people.public = list(Certificate.objects.values_list("code", "number"))
    document = crowd.big_pdf(size)
    before, memory, begin = os.getloadavg()[0], [], time.monotonic()
    with crowd.working(site.port, people, document) as kept:
        while (second := round(time.monotonic() - begin)) <= seconds:
            memory.append({"second": second} | site.held())
            print(memory[-1], len(kept), "requests", file=sys.stderr, flush=True)
            time.sleep(EVERY - (time.monotonic() - begin) % EVERY)
    after = os.getloadavg()[0]
    wait(at_rest)
    doctor = site.manage("doctor", "--strict", check=False)
    said = {"load": (before, after), "people": len(people), "seconds": seconds}
    said |= {"doctor": doctor.stdout.splitlines(), "sound": doctor.returncode == 0}
    return said | summed(kept) | course(memory)


def at_rest():
    """Tell whether no job is due or running."""
    return not (jobs.due().exists() or Job.objects.filter(state="running").exists())


def wait(check, seconds=600):
    """Return when a check holds."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            raise RuntimeError("The portal did not come to rest.")
        time.sleep(0.5)


def summed(kept):
    """Sum up what was answered, each kind of request in milliseconds."""
    times = defaultdict(list)
    for what, took, _fault in kept:
        times[what].append(took * 1000)
    answers = [
        {
            "what": what,
            "count": len(rows),
            "p50": round(statistics.median(rows)),
            "p95": round(sorted(rows)[int(len(rows) * 0.95)]),
            "max": round(max(rows)),
        }
        for what, rows in times.items()
    ]
    faults = Counter(fault for _what, _took, fault in kept if fault)
    return {
        "requests": len(kept), "errors": faults.total(), "answers": answers,
        "faults": dict(faults.most_common(10)),
    }  # fmt: skip


def course(memory):
    """Tell how memory went after the first minute, in megabytes per minute."""
    rows = [row for row in memory if row["second"] >= SETTLED]
    minutes = [row["second"] / 60 for row in rows]
    slope = {
        name: round(statistics.linear_regression(minutes, [row[name] for row in rows]).slope, 2)
        for name in ("web", "worker")
    }
    flat = all(slope[name] < FLAT * rows[0][name] for name in slope)
    return {"memory": memory, "slope": slope, "flat": flat}
