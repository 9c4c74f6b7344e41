"""The files a body hands in each month: opened by the calendar, made, corrected, handed in."""

import tempfile
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification import layouts
from certification.enums import ReportKind
from certification.models import MonthlyReport, MonthlyReportVersion
from certification.queries.report_rows import content_of
from foundation import exports, files, jobs, journal, timeline
from foundation.actor import SYSTEM
from foundation.calendar import add_months
from foundation.canonical import digest
from foundation.sweeps import Progress, silent
from foundation.workflow import NotAllowed
from organisations.enums import BodyStatus, Kind
from organisations.models import Organisation
from organisations.rights import MANAGER

MADE, HANDED_IN = "report.made", "report.handed_in"
MAKE = "certification.make_report"
timeline.register(MADE, gettext_lazy("Version of the report made"))
timeline.register(HANDED_IN, gettext_lazy("Report noted as handed in"))


def open_months(today: date) -> int:
    """Open the reports of this month and the last for every approved body; return how many.

    May run any number of times. CNCA's sheet is for bodies in China.
    """
    bodies = Organisation.objects.filter(kind=Kind.BODY, body_profile__status=BodyStatus.APPROVED)
    months = (today.replace(day=1), add_months(today.replace(day=1), -1))
    wanted = [
        MonthlyReport(body=body, kind=kind, month=month, due_on=_layout(kind, month).due_on(month))
        for body in bodies
        for kind in ReportKind.values
        for month in months
        if kind != ReportKind.CNCA or body.country == "CN"
    ]
    before = MonthlyReport.objects.count()
    MonthlyReport.objects.bulk_create(wanted, ignore_conflicts=True)
    return MonthlyReport.objects.count() - before


def _allow(actor, report: MonthlyReport) -> None:
    access = MANAGER(actor, report)
    if not access:
        raise NotAllowed(access.reason)


def _layout(kind: str, month: date) -> layouts.Layout:
    return layouts.layout_for(kind, month)


@transaction.atomic
def version_ask(*, report: MonthlyReport, actor, reason: str = "") -> MonthlyReportVersion:
    """Ask for a new version of a report. Raises NotAllowed, ValidationError.

    What was handed in is corrected by a later version, with a reason; it stays as it is.
    """
    _allow(actor, report)
    report = MonthlyReport.objects.select_for_update().get(pk=report.pk)
    if report.month > timezone.localdate():
        raise ValidationError(_("This month has not begun."))
    last = report.versions.first()
    if last is not None and last.content is None:
        raise ValidationError(_("A version is being made already."))
    if report.handed_in_on and not reason:
        raise ValidationError(_("Say why what was handed in is corrected."))
    version = MonthlyReportVersion.objects.create(
        report=report,
        number=last.number + 1 if last else 1,
        layout=report.layout.key,
        reason=reason,
        made_by=actor.user,
    )
    jobs.enqueue(MAKE, key=f"report:{version.pk}", subject=version, actor=actor)
    return version


def version_make(version: MonthlyReportVersion, progress: Progress = silent) -> None:
    """Compute a version and keep its content and files; one that is made stays as it is."""
    report = version.report
    layout = layouts.all_layouts()[version.layout]
    content = content_of(layout, report.body_id, report.month, progress)
    header, rows = content["columns"], content["rows"]
    name = f"{report.kind}-{report.month:%Y-%m}-v{version.number}"
    csv = "".join(exports.csv_lines(header, rows)).encode()
    with tempfile.TemporaryFile() as handle, transaction.atomic():
        exports.write_xlsx(handle, name, header, rows)
        handle.seek(0)
        fresh = MonthlyReportVersion.objects.select_for_update().get(pk=version.pk)
        if fresh.content is not None:
            return
        kept = {"organisation_id": report.body_id}
        fresh.csv = files.write_generated(
            [csv], name=f"{name}.csv", content_type=exports.CSV, **kept
        )
        fresh.xlsx = files.write_generated(
            iter(lambda: handle.read(65536), b""),
            name=f"{name}.xlsx",
            content_type=exports.FORMATS["xlsx"],
            **kept,
        )
        fresh.content, fresh.sha256 = content, digest(content)
        fresh.save(update_fields=["content", "sha256", "csv", "xlsx", "changed_at"])
        facts = {"number": str(fresh.number), "rows": len(rows), "sha256": fresh.sha256}
        journal.record(report, MADE, SYSTEM, facts, internal_to=report.body_id)


@transaction.atomic
def report_hand_in(
    *, report: MonthlyReport, actor, version: MonthlyReportVersion, on: date
) -> None:
    """Note on which day which version was handed in.

    Raises NotAllowed, ValidationError.
    """
    _allow(actor, report)
    report = MonthlyReport.objects.select_for_update().get(pk=report.pk)
    if version.report_id != report.pk or version.content is None:
        raise ValidationError(_("This version is not made yet."))
    if not timezone.localdate(version.created_at) <= on <= timezone.localdate():
        raise ValidationError({"on": _("Choose a day from the making of this version to today.")})
    report.handed_in_on, report.handed_in_by, report.handed_in = on, actor.user, version
    report.save(update_fields=["handed_in_on", "handed_in_by", "handed_in", "changed_at"])
    facts = {"number": str(version.number), "on": on.isoformat()}
    journal.record(report, HANDED_IN, actor, facts, internal_to=report.body_id)
