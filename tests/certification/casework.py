"""Cases on their way to a certificate, made with as little as the decision needs."""

import datetime as dt
import subprocess
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    Part,
    Recommendation,
    RevisionStatus,
)
from certification.flows.cases import CASE_FLOW
from certification.flows.certificates import CERTIFICATE_FLOW
from certification.jobs.certificates import put_in_force
from certification.models import (
    Application,
    ApplicationScheme,
    ApplicationSite,
    AuditTimeCalculation,
    Case,
    Certificate,
    CertificateRevision,
    Offer,
)
from certification.services.cases import open_case, record_involvement, record_outcome
from certification.services.numbers import next_number
from foundation.actor import SYSTEM
from foundation.workflow import Incomplete, perform
from schemes.models import Scheme, TechnicalArea

SCOPE_ZH = "精密齿轮箱及液压传动部件的设计、生产和售后服务"
PDF = b"%PDF-1.7 issued"
REASON = "Conforms to the standard."
SCOPE_EN = "Design, manufacture and after-sales service of precision gearboxes"


@transaction.atomic
def signed_application(
    cast, *, kind=ApplicationKind.INITIAL, schemes=("QMS",), enterprise=None, body=None, **facts
) -> tuple[Application, Offer]:
    """Return an application whose contract is about to open a case, and its offer."""
    enterprise = enterprise or cast.enterprise
    application = Application(
        kind=kind,
        status=ApplicationStatus.SIGNED,
        enterprise=enterprise,
        body=body or cast.body,
        created_by=cast.owner,
        reviewer=cast.reviewer,
        submitted_at=timezone.now(),
        **{"scope_zh": SCOPE_ZH, "scope_en": SCOPE_EN, **facts},
    )
    year = timezone.localdate().year
    application.number = f"A-{year}-{next_number(scope='portal', series='A', year=year):04}"
    application.save()
    for code in schemes:
        scheme = Scheme.objects.get(code=code)
        row = ApplicationScheme.objects.create(
            application=application, scheme=scheme, edition=scheme.editions.first()
        )
        row.areas.set(TechnicalArea.objects.filter(code="18"))
    for site in enterprise.sites.all():
        ApplicationSite.objects.create(application=application, site=site)
    calculation = AuditTimeCalculation.objects.create(
        application=application,
        computed_by=cast.reviewer,
        inputs={},
        result={},
        total_days=Decimal("6.0"),
        on_site_days=Decimal("4.8"),
        stage_1_days=Decimal("2.0"),
        stage_2_days=Decimal("4.0"),
        sha256="0" * 64,
    )
    offer = Offer.objects.create(
        application=application,
        version=1,
        calculation=calculation,
        lines=[],
        total=Decimal(10000),
        valid_until=timezone.localdate() + dt.timedelta(days=30),
        made_by=cast.manager,
    )
    return application, offer


def opened_case(cast, **facts) -> Case:
    """Return a case just opened by a signed contract, with its auditors."""
    application, offer = signed_application(cast, **facts)
    case = open_case(application=application, offer=offer, actor=cast.actor("owner"))
    for user in (cast.auditor, cast.auditor2):
        record_involvement(case=case, user=user, part=Part.AUDIT)
    return Case.objects.get(pk=case.pk)


def audited(case, kind, *, actor=SYSTEM, **facts):
    """Report an audit that leaves nothing open, unless facts say otherwise."""
    held = {
        "last_day": timezone.localdate() - dt.timedelta(days=5),
        "recommendation": Recommendation.CERTIFY,
        "report_reviewed": True,
        "days_computed": Decimal(4),
        "days_held": Decimal(4),
        "url": "/audits/1/",
        "number": f"{case.number}-1",
        "team": ["李工", "周牧野"],
        "starts_on": timezone.localdate() - dt.timedelta(days=7),
        "summary": "The system conforms.",
        "findings": [],
    }
    audit_id = facts.pop("audit_id", None) or uuid.uuid4()
    return record_outcome(case=case, audit_id=audit_id, kind=kind, actor=actor, **held | facts)


def deciding_case(cast, **facts) -> Case:
    """Return a case whose two stages are audited, reviewed and free of findings."""
    case = opened_case(cast, **facts)
    audited(case, AuditKind.STAGE_1, recommendation=Recommendation.READY)
    audited(case, AuditKind.STAGE_2)
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING
    return case


def granted_case(cast, **facts) -> Case:
    """Return a case whose certificates are written ahead and not yet issued."""
    case = deciding_case(cast, **facts)
    perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    return Case.objects.get(pk=case.pk)


def decide_as(cast, case, action, who="certifier", reason=REASON) -> Case:
    """Take a decision on a case."""
    return perform(CASE_FLOW, case, action, cast.actor(who), reason=reason)


def reasons(cast, case, action="grant", who="certifier") -> list[str]:
    """Return in words why a decision is refused, everything at once."""
    with pytest.raises(Incomplete) as refusal:
        decide_as(cast, case, action, who)
    return [str(blocker) for blocker in refusal.value.blockers]


def put_all_in_force(case) -> None:
    """Issue what a case has written ahead, with a document that took no time to make."""
    rows = CertificateRevision.objects.filter(
        certificate__case=case, status=RevisionStatus.ISSUING
    ).select_related("certificate")
    for revision in rows:
        put_in_force(revision, PDF)


def certified_case(cast, **facts) -> Case:
    """Return a case whose certificates are issued."""
    case = granted_case(cast, **facts)
    put_all_in_force(case)
    return Case.objects.get(pk=case.pk)


def certified(cast, **facts) -> Certificate:
    """Return the one certificate of a certified case."""
    return certified_case(cast, **facts).certificates.get()


def act(cast, certificate, action, who="certifier", **data) -> Certificate:
    """Perform an act on a certificate and return it as it is afterwards."""
    data.setdefault("reason", "Because the facts say so.")
    return perform(CERTIFICATE_FLOW, certificate, action, cast.actor(who), **data)


def travel(*day):
    """Let it be 10 in the morning in China on a day."""
    return time_machine.travel(dt.datetime(*day, 2, tzinfo=dt.UTC), tick=False)


def events(certificate) -> list[tuple]:
    """Return the public history of a certificate: before, after and cause."""
    rows = certificate.events.order_by("created_at")
    return [(row.before, row.after, row.cause) for row in rows]


def pdf_text(data: bytes) -> str:
    """Return the text that a PDF shows."""
    command = ["pdftotext", "-", "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()
