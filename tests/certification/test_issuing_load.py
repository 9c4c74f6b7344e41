"""Eight processes issue certificates of one body at once; some roll back, some are killed."""

import random
import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from certification.enums import CaseStatus, CertificateStatus, RevisionStatus
from certification.models import Case, Certificate, Counter, Decision
from foundation import files, jobs, journal
from foundation.models import Job, JournalChain, Notice, StoredFile
from foundation.models.files import FileState
from foundation.models.jobs import JobState
from tests.certification.casework import deciding_case
from tests.conftest import ROOT

PROCESSES = 8
CASES = 12
KILLS = 6
SCHEMES = ("QMS", "EMS")


def start(environment, number, cast, cases):
    command = [sys.executable, "-m", "tests.certification.issuing_worker", str(number)]
    command += [str(cast.certifier.pk), *(str(case.pk) for case in cases)]
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def run_with_kills(environment, cast, cases):
    """Run the processes to their end; meanwhile kill some of them and start others instead."""
    chance = random.Random(1)  # noqa: S311 -- nothing secret
    running = {number: start(environment, number, cast, cases) for number in range(PROCESSES)}
    killed = 0
    try:
        while running:
            number = chance.choice(list(running))
            try:
                code = running[number].wait(chance.uniform(0.2, 1.2))
            except subprocess.TimeoutExpired:
                if killed < KILLS:
                    child = running.pop(number)
                    child.kill()
                    child.wait()
                    killed += 1
                    number += PROCESSES
                    running[number] = start(environment, number, cast, cases)
            else:
                assert code == 0
                del running[number]
    finally:
        for child in running.values():
            child.kill()
            child.wait()
    return killed


@pytest.mark.servers
def test_issuing_by_many_processes_leaves_no_gap_no_duplicate_and_nothing_half(
    cast, environment, settings
):
    cases = [deciding_case(cast, schemes=SCHEMES[: 1 + n % 2]) for n in range(CASES)]
    killed = run_with_kills(environment, cast, cases)
    # The lease of a killed worker runs out; whoever comes next takes up what stands.
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(state=JobState.RUNNING).update(leased_until=past)
    jobs.run_due()

    wanted = {"QMS": CASES, "EMS": CASES // 2}
    year = timezone.localdate().year
    for code, count in wanted.items():
        rows = Certificate.objects.filter(scheme__code=code).values_list("number", flat=True)
        serials = sorted(int(number.split()[3]) for number in rows)
        assert serials == list(range(1, count + 1))
        counter = Counter.objects.get(scope=str(cast.body.pk), series=code, year=year)
        assert counter.last == count
    total = sum(wanted.values())
    assert set(Case.objects.values_list("status", flat=True)) == {CaseStatus.CERTIFIED}
    assert Decision.objects.count() == CASES
    assert Notice.objects.filter(kind="certificate.issued").count() == 2 * total
    for certificate in Certificate.objects.all():
        assert certificate.status == CertificateStatus.VALID
        [revision] = certificate.revisions.all()
        assert revision.status == RevisionStatus.ISSUED
        assert files.read(revision.file).startswith(b"%PDF-")
        assert certificate.events.count() == 1
    assert list(StoredFile.objects.values_list("state", flat=True)) == [FileState.STORED] * total
    files.sweep(timezone.now() + 2 * files.PENDING_FOR)
    assert len(list(settings.FILES_DIR.glob("*/*"))) == total
    assert [problem for chain in JournalChain.objects.all() for problem in
            journal.verify(chain.name)] == []  # fmt: skip
    assert killed > 0
