"""The pages that are visited, and the bare Django lists beside them."""

import statistics
import time
from http import HTTPStatus

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audits.models import Audit, Finding
from certification.models import Application, Case, Certificate
from foundation.models import WorkItem
from organisations.models import Organisation
from parts.bare import of_objects, of_values, visitor


def measured(written: int, rounds: int) -> dict:
    """Visit every page ``rounds`` times in turn with its bare side; return all figures."""
    return {
        "rows": written,
        "cases": Case.objects.count(),
        "work": WorkItem.objects.count(),
        "pages": [_compared(rounds, *visit) for visit in _visits()],
    }


def _visits():
    """Yield (name, who looks, address, bare rows, their columns)."""
    names = ("enterprise__name_zh", "enterprise__name_en", "status")
    body = Organisation.objects.get(memberships__user__email="manager@demo.example")
    own = {"body": body}
    work = WorkItem.objects.filter(overseen_by=body.pk).order_by("urgent_on")
    case = Case.objects.filter(**own, status="certified").order_by("number").last()
    # Of the copies only the first has content that still agrees with its digest.
    issued = Certificate.objects.using("source").filter(body_id=body.pk, status="valid")
    certificate = issued.order_by("number").last()
    certificates = Certificate.objects.order_by("-effective_on")
    found = Finding.objects.filter(audit__body=body).order_by("due_on")
    yield (
        "queue",
        "manager",
        "/desk/?view=ours",
        work,
        # What the queue shows of a piece of work.
        (
            "number",
            "client_zh",
            "client_en",
            "action",
            "status",
            "since",
            "due_on",
            "assignee__name",
            "sole__name",
        ),
    )
    yield (
        "queue, searched",
        "manager",
        "/desk/?q=lanhai",
        work.filter(client_en__icontains="lanhai"),
        ("number", "client_en"),
    )
    for name, model in (
        ("certification:applications", Application),
        ("cases", Case),
        ("audits:audits", Audit),
    ):
        rows = model.objects.filter(**own).order_by("-created_at")
        yield name, "manager", reverse(name), rows, ("number", *names)
    yield (
        "findings",
        "manager",
        reverse("audits:findings"),
        found,
        ("number", "title", "grade", "due_on", "status"),
    )
    yield (
        "certificates",
        "manager",
        reverse("certification:certificates"),
        certificates.filter(**own),
        ("number", "holder_zh", "expires_on", "status"),
    )
    yield (
        "case",
        "manager",
        reverse("case", args=[case.pk]),
        Case.objects.filter(pk=case.pk),
        ("number", *names),
    )
    yield (
        "public certificate",
        "",
        reverse("verification:certificate", args=[certificate.code]),
        Certificate.objects.filter(code=certificate.code),
        ("number", "holder_zh", "expires_on", "status"),
    )
    yield (
        "directory",
        "",
        reverse("verification:directory"),
        certificates,
        ("holder_zh", "holder_en", "number", "status"),
    )


def _compared(rounds, *visit) -> dict:
    name, who, address, rows, columns = visit
    person = User.objects.get(email=f"{who}@demo.example") if who else None
    client = Client()
    if person:
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def page():
        answer = client.get(address)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address}: {answer.status_code}")
        return answer.content

    bare = visitor(person, of_values(rows, columns))
    plain = visitor(person, of_objects(rows, columns))
    page()
    with CaptureQueriesContext(connection) as asked:
        size = len(page())
    queries = len(asked)
    ours, barest, plainest = [], [], []
    for _round in range(rounds):
        ours.append(_timed(page))
        barest.append(_timed(bare))
        plainest.append(_timed(plain))
    median = statistics.median(ours)
    of_bare, of_plain = statistics.median(barest), statistics.median(plainest)
    return {
        "name": name.rpartition(":")[2],
        "p50": median,
        "p95": sorted(ours)[int(len(ours) * 0.95) - 1],
        "queries": queries,
        "bytes": size,
        "bare": of_bare,
        "ratio": median / of_bare,
        "objects": of_plain,
        "objects_ratio": median / of_plain,
    }


def _timed(function) -> float:
    """Return how many milliseconds a call takes."""
    begin = time.perf_counter()
    function()
    return 1000 * (time.perf_counter() - begin)
