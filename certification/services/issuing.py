"""Issuing is written ahead: number and frozen content first, the PDF by a job, then "issued".

A crash at any point leaves either nothing or a revision that stands in "being issued", which the
job takes up again. The public sees only what is issued.
"""

import secrets
from datetime import date, timedelta

from django.utils import timezone

from certification.documents.certificate import content_digest
from certification.enums import ApplicationKind, Cause, CertificateStatus, DecisionKind
from certification.models import (
    Application,
    ApplicationScheme,
    Case,
    Certificate,
    CertificateRevision,
    Decision,
)
from certification.services import certificate_content
from certification.services.decisions import due_decision
from certification.services.numbers import next_number
from foundation import jobs
from organisations.patterns import fill_pattern
from schemes.models import StandardEdition
from schemes.queries import book_of

RENDER = "certification.render_certificate"
# 32 characters that nobody confuses: 105 bits in 21 of them.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 21
_SIZES = "SML"
_DRAFT = "DRAFT"
_VALID = CertificateStatus.VALID
_RENEWABLE = (CertificateStatus.VALID, CertificateStatus.EXPIRED)
CAUSES = {DecisionKind.RENEW: Cause.RENEWAL, DecisionKind.EXTEND: Cause.EXTENSION}


def new_code() -> str:
    """Return the unguessable part of a certificate's public address (at least 100 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def expiry(case: Case, application: Application, start: date) -> date:
    """Return the last day of a certificate that is granted on a day.

    Three years (rule data). A transferred certificate keeps the end of its cycle (IAF MD 2), and
    a scheme added by an extension ends with the certificates there are.
    """
    limit = book_of(case.rule_set).limit("certificate_validity_years")
    end = limit.last_day(start) - timedelta(days=1)
    if application.kind == ApplicationKind.TRANSFER and application.previous_expires_on:
        return min(end, application.previous_expires_on)
    if application.kind == ApplicationKind.EXTENSION:
        held = [row.expires_on for row in case.certificates.all() if row.status == _VALID]
        return min([end, *held])
    return end


def size_letter(case: Case, application: Application) -> str:
    """Return S, M or L by the people at the sites covered (rule data)."""
    limits = book_of(case.rule_set).value("certificate_size_limits")
    people = sum(row.site.headcount for row in application.sites.all())
    return _SIZES[sum(people >= limit for limit in limits)]


def rows_to_certify(case: Case, application: Application) -> list[ApplicationScheme]:
    """Return the schemes applied for that have no certificate in this case yet."""
    held = {certificate.scheme_id for certificate in case.certificates.all()}
    return [row for row in application.schemes.all() if row.scheme_id not in held]


def previews(case: Case, on: date, *, pictures: bool = False) -> list[dict]:
    """Return what the decision that is due would issue on a day; drafts without a number."""
    kind = due_decision(case)
    if kind == DecisionKind.MAINTAIN:
        return []
    application = case.application
    issuers = certificate_content.issuers(case.body, on, pictures=pictures)
    rows = rows_to_certify(case, application) if kind != DecisionKind.RENEW else []
    end = expiry(case, application, on) if rows else None
    drafts = [
        certificate_content.build(
            application=application,
            row=row,
            issuer=issuers[row.scheme_id],
            number=_DRAFT,
            code=_DRAFT,
            decided_on=on,
            expires_on=end,
            draft=True,
        )
        for row in rows
    ]
    for certificate in revised_by(case, kind):
        revised = certificate_content.revise(
            last_revision(certificate).content,
            cause=CAUSES[kind],
            decided_on=on,
            issuer=issuers[certificate.scheme_id],
            **changes_by(case, kind, certificate, on),
        )
        drafts.append(revised | {"draft": True})
    return drafts


def revised_by(case: Case, kind: str) -> list[Certificate]:
    """Return the certificates that get a new revision by a renewal or an extension."""
    held = list(case.certificates.all())
    if kind == DecisionKind.RENEW:
        return [row for row in held if row.status in _RENEWABLE]
    if kind == DecisionKind.EXTEND:
        schemes = {row.scheme_id for row in case.application.schemes.all()}
        return [row for row in held if row.status == _VALID and row.scheme_id in schemes]
    return []


def changes_by(case: Case, kind: str, certificate: Certificate, on: date) -> dict:
    """Return what a renewal or an extension changes on a certificate."""
    if kind == DecisionKind.RENEW:
        return renewal(case, certificate, on)
    return coverage(case.application, certificate)


def renewal(case: Case, certificate: Certificate, on: date) -> dict:
    """Return what a renewal changes: the end follows the old one (ISO/IEC 17021-1:2015 9.6.3).

    Scope and sites come from the application for recertification when there was one.
    """
    limit = book_of(case.rule_set).limit("certificate_validity_years")
    end = limit.last_day(certificate.expires_on)
    changes = {
        "holder": certificate_content.holder(case.enterprise),
        "dates": {"effective_on": on, "expires_on": end},
    }
    if case.application.kind == ApplicationKind.RECERTIFICATION:
        changes |= coverage(case.application, certificate)
    return changes


def coverage(application: Application, certificate: Certificate) -> dict:
    """Return what an application says a certificate covers: scope, sites, areas, edition."""
    changes = {
        "scope_zh": application.scope_zh,
        "scope_en": application.scope_en,
        "exclusions": application.exclusions,
        "sites": certificate_content.sites(application),
    }
    for row in application.schemes.all():
        if row.scheme_id == certificate.scheme_id:
            changes["technical_areas"] = certificate_content.technical_areas(row)
            changes["standard"] = certificate_content.standard(row.edition, timezone.localdate())
    return changes


def last_revision(certificate: Certificate) -> CertificateRevision:
    """Return the revision written last, issued or not."""
    return max(certificate.revisions.all(), key=lambda row: row.revision)


def grant(*, case: Case, application: Application, decision: Decision, actor) -> list[Certificate]:
    """Write a certificate ahead for each scheme applied for and ask for its document.

    Part of the transition that grants. A counter row stays locked until that ends, so everything
    else is prepared before the numbers are taken.
    """
    start = decision.decided_on
    end = expiry(case, application, start)
    size = size_letter(case, application)
    issuers = certificate_content.issuers(case.body, start)
    prepared = [
        (
            row,
            certificate_content.build(
                application=application,
                row=row,
                issuer=issuers[row.scheme_id],
                number="",
                code=new_code(),
                decided_on=start,
                expires_on=end,
            ),
        )
        for row in rows_to_certify(case, application)
    ]
    return [
        _issue_first(case=case, row=row, content=content, size=size, decision=decision, actor=actor)
        for row, content in prepared
    ]


def _issue_first(*, case, row, content, size, decision, actor) -> Certificate:
    content["number"] = _number(case, row.scheme, decision.decided_on.year, size)
    certificate = Certificate.objects.create(
        number=content["number"],
        code=content["code"],
        case=case,
        enterprise=case.enterprise,
        body=case.body,
        scheme=row.scheme,
        edition=row.edition,
        first_issued_on=decision.decided_on,
        **facts_of(content),
    )
    _write_ahead(certificate, content, cause=Cause.ISSUE, decision=decision, actor=actor)
    return certificate


def _number(case: Case, scheme, year: int, size: str) -> str:
    """Take the next number of the body, scheme and year, in the body's own pattern."""
    profile = case.body.body_profile
    serial = next_number(scope=str(case.body_id), series=scheme.code, year=year)
    return fill_pattern(
        profile.number_pattern,
        short=profile.short_code,
        yy=f"{year % 100:02}",
        yyyy=year,
        letter=scheme.letter,
        serial=serial,
        cycle=case.cycle - 1,
        size=size,
    )


def supersede(
    *, certificate: Certificate, cause: str, decision: Decision, actor, **changes
) -> CertificateRevision:
    """Write the next revision of a certificate ahead, under the same number.

    ``changes`` are those of certificate_content.revise. The present revision stays in force until
    the next one is issued.
    """
    issuers = certificate_content.issuers(certificate.body, decision.decided_on)
    content = certificate_content.revise(
        last_revision(certificate).content,
        cause=cause,
        decided_on=decision.decided_on,
        issuer=issuers[certificate.scheme_id],
        **changes,
    )
    return _write_ahead(certificate, content, cause=cause, decision=decision, actor=actor)


def _write_ahead(certificate, content, *, cause, decision, actor) -> CertificateRevision:
    revision = CertificateRevision.objects.create(
        certificate=certificate,
        revision=content["revision"],
        content=content,
        digest=content_digest(content),
        reason=cause,
        issued_on=decision.decided_on,
        decision=decision,
    )
    jobs.enqueue(RENDER, key=f"render:{revision.pk}", subject=revision, actor=actor)
    return revision


def facts_of(content) -> dict:
    """Return the columns of a certificate that repeat its printed content for lists and search."""
    dates = content["dates"]
    return {
        "holder_zh": content["holder"]["name_zh"],
        "holder_en": content["holder"]["name_en"],
        "holder_identifier": content["holder"]["identifier"],
        "scope_zh": content["scope_zh"],
        "scope_en": content["scope_en"],
        "effective_on": date.fromisoformat(dates["effective_on"]),
        "expires_on": date.fromisoformat(dates["expires_on"]),
    }


def apply_content(certificate: Certificate, revision: CertificateRevision) -> None:
    """Make the columns of a certificate say what its revision now in force prints."""
    content = revision.content
    columns = facts_of(content)
    edition = StandardEdition.objects.filter(
        scheme=certificate.scheme, designation=content["standard"]["iso"]
    ).first()
    if edition is not None:
        columns["edition"] = edition
    if revision.reason in (Cause.RENEWAL, Cause.EXTENSION):
        columns["is_reduced"] = False
    for name, value in columns.items():
        setattr(certificate, name, value)
    certificate.save(update_fields=[*columns, "changed_at"])
