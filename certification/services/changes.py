"""Reporting a change, and what the rest of the certification means for reports under way."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certification.enums import (
    IN_FORCE,
    REPORTABLE,
    ApplicationKind,
    ChangeKind,
    ChangeStatus,
)
from certification.models import Application, Case, ChangeReport
from certification.services.applications import application_start
from certification.services.numbers import next_number
from certification.services.telling import tell_body
from foundation import files, journal
from foundation.notices import in_both
from foundation.workflow import NotAllowed, WrongState
from organisations.enums import Role
from organisations.rights import ENTERPRISE
from schemes.queries import book_of

REPORTED = "change.report"
EVIDENCE = "change"
DESK = (Role.REVIEWER, Role.MANAGER)


def assessed_by(case: Case):
    """Return the last day to assess a report that arrives today; None without a limit."""
    limit = book_of(case.rule_set).limit("change_assessment_working_days")
    return limit.last_day(timezone.localdate())


def may_report(case: Case, actor):
    """Tell whether the actor may report a change of a certified enterprise now."""
    access = ENTERPRISE(actor, case)
    return bool(access) and case.status in REPORTABLE and bool(certificates_in_force(case))


def certificates_in_force(case: Case) -> list:
    """Return the certificates that a change can concern."""
    rows = case.certificates.filter(status__in=IN_FORCE)
    return list(rows.select_related("scheme", "edition").order_by("number"))


@transaction.atomic
def report(
    *, case: Case, actor, kind: str, description: str, takes_effect_on, uploads=()
) -> ChangeReport:
    """Report a change to the body, without delay (ISO/IEC 17021-1:2015 8.5.3).

    Raises NotAllowed for others than the enterprise, WrongState when nothing is certified.
    """
    access = ENTERPRISE(actor, case)
    if not access:
        raise NotAllowed(access.reason)
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not may_report(case, actor):
        raise WrongState(_("No certificate of this case is in force, so no change is reported."))
    found = write(
        case=case,
        kind=ChangeKind(kind),
        description=description,
        takes_effect_on=takes_effect_on,
        reported_by=actor.user,
    )
    attach(found, uploads, actor)
    announce(found, actor)
    return found


def write(*, case: Case, **facts) -> ChangeReport:
    """Write a report under the next number; it is to be assessed from today."""
    year = timezone.localdate().year
    return ChangeReport.objects.create(
        number=f"M-{year}-{next_number(scope='portal', series='M', year=year):04}",
        case=case,
        assess_by=assessed_by(case),
        **facts,
    )


def announce(change: ChangeReport, actor) -> None:
    """Keep on record that a change was reported, and tell the desk of the body."""
    facts = {
        "number": change.number,
        "kind": change.kind,
        "description": change.description,
    }
    journal.record(change, REPORTED, actor, facts, after=change.status)
    tell_body("change.reported", change.case, *DESK, **facts_of(change))


def attach(change: ChangeReport, uploads, actor) -> None:
    """Keep what the enterprise sends along with its report or its answer."""
    for upload in uploads:
        files.attach(files.store(upload, actor=actor), change, EVIDENCE)


def facts_of(change: ChangeReport) -> dict:
    """Return what every notice about a report says of it."""
    return {
        "url": change.get_absolute_url(),
        "change": change.number,
        **in_both("kind", lambda row: row.get_kind_display(), change),
    }


def begin_application(change: ChangeReport, actor) -> Application:
    """Begin the application that a change needs, with what is certified today."""
    case = change.case
    rows = certificates_in_force(case)
    application = application_start(
        actor=actor,
        kind=change.application_kind,
        schemes={row.edition for row in rows},
        body=case.body,
    )
    if rows and change.application_kind in (ApplicationKind.EXTENSION, ApplicationKind.CHANGE):
        application.previous_number = rows[0].number
        application.save(update_fields=["previous_number", "changed_at"])
    return application


def waiting_for(application: Application):
    """Return the reports that wait for an application such as this one."""
    rows = ChangeReport.objects.filter(
        status=ChangeStatus.APPLICATION,
        application_kind=application.kind,
        case__enterprise=application.enterprise_id,
        case__body=application.body_id,
    )
    return rows.select_related("case__enterprise", "case__body")


def is_revised(change: ChangeReport) -> bool:
    """Tell whether every certificate named got its revision since, or is in force no more."""
    return not any(
        certificate.status in IN_FORCE
        and not certificate.revisions.filter(created_at__gte=change.handed_over_at).exists()
        for certificate in change.certificates.all()
    )
