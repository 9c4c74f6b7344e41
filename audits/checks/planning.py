"""Whether dates, time, places and manner of an audit are settled."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checks.days import days_blockers
from audits.enums import ENDED
from audits.models import Audit
from certification.enums import AuditKind, Recommendation
from foundation.formatting import day
from foundation.workflow import Blocker


def planning_blockers(audit):
    """Yield everything but the team that keeps an audit from being proposed."""
    url = reverse("audits:planning", args=[audit.pk])
    for message in (*_dates(audit), *_time(audit), *_manner(audit)):
        yield Blocker(message, url)
    yield from days_blockers(audit)


def _dates(audit):
    if not audit.starts_on or not audit.ends_on:
        yield _("The first and the last day are not set.")
        return
    if audit.starts_on < timezone.localdate():
        yield _("The first day lies in the past.")
    if not audit.date_reason:
        yield from outside(audit)
    yield from _after_stage_1(audit)


def outside(audit):
    """Yield how the dates leave the window of the programme."""
    item = audit.programme_item
    if item is None or not audit.starts_on:
        return
    if item.window_from and audit.starts_on < item.window_from:
        yield _("Too early: the programme allows it from %(day)s. Move it or give a reason.") % {
            "day": day(item.window_from)
        }
    if item.window_to and audit.ends_on > item.window_to:
        yield _("Too late: the programme wants it by %(day)s. Move it or give a reason.") % {
            "day": day(item.window_to)
        }


def stage_1_of(audit) -> Audit | None:
    """Return the stage 1 audit that goes before a stage 2, or None."""
    if audit.kind != AuditKind.STAGE_2:
        return None
    rows = Audit.objects.filter(
        case_id=audit.case_id, cycle=audit.cycle, kind=AuditKind.STAGE_1
    ).exclude(status__in=ENDED)
    return rows.select_related("report").order_by("-created_at").first()


def _has_stage_1(audit) -> bool:
    return (
        audit.kind == AuditKind.STAGE_2
        and audit.case.programme.filter(cycle=audit.cycle, kind=AuditKind.STAGE_1).exists()
    )


def _after_stage_1(audit):
    """Stage 2 follows stage 1 with time to resolve concerns (ISO/IEC 17021-1:2015 9.3.1.2.4)."""
    if not _has_stage_1(audit):
        return
    before = stage_1_of(audit)
    if before is None or before.ends_on is None:
        yield _("Stage 1 comes first; it has no dates yet.")
    elif audit.starts_on <= before.ends_on:
        yield _("Stage 2 cannot begin before stage 1 has ended on %(day)s.") % {
            "day": day(before.ends_on)
        }


def readiness_blockers(audit):
    """Yield why a stage 2 cannot be opened: its stage 1 is not over, or found no readiness."""
    if not _has_stage_1(audit):
        return
    before = stage_1_of(audit)
    report = getattr(before, "report", None)
    if before is None or report is None or not report.submitted_at:
        yield Blocker(
            _("The report of stage 1 is not there yet."),
            before.get_absolute_url() if before else "",
        )
    elif report.recommendation == Recommendation.NOT_READY:
        yield Blocker(
            _("Stage 1 found the enterprise not ready for stage 2."), before.get_absolute_url()
        )


def _time(audit):
    if audit.days_planned <= 0:
        yield _("The audit days are not planned.")


def _manner(audit):
    if not audit.objectives:
        yield _("The objectives of the audit are missing.")
    yield from _sites(audit)
    if audit.is_remote and not audit.ict_assessment:
        yield _("The risks and opportunities of auditing remotely are not assessed (IAF MD 4).")
    if audit.is_remote and not audit.ict_tools:
        yield _("The tools for auditing remotely are not agreed (IAF MD 4).")


def _sites(audit):
    """The central function and the sample, the drawn sites among it (IAF MD 1)."""
    chosen = {str(site.pk): site for site in audit.sites.all()}
    if not chosen:
        yield _("No site is chosen.")
    sample = audit.sample
    if not sample:
        return
    others = [key for key, site in chosen.items() if not site.is_central]
    if len(others) < sample["size"]:
        yield _("The sample needs %(count)s sites besides the central function.") % {
            "count": sample["size"]
        }
    if not set(sample["drawn"]) <= set(others):
        yield _("Sites that were drawn at random cannot be left out.")
