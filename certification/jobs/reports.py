"""Open the months that bodies report on, and make their files."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.models import MonthlyReportVersion
from certification.services import reports
from foundation import jobs, sweeps
from foundation.daily import daily


@jobs.job(reports.MAKE, title=_("Make the files of a monthly report"), retry_for=(OSError,))
def make_report(job):
    """Compute one version and keep its files; it may run again after a crash."""
    version = MonthlyReportVersion.objects.select_related("report").get(pk=job.subject_id)
    reports.version_make(version, lambda percent: jobs.progress(job, percent))


def open_reports(progress: sweeps.Progress = sweeps.silent) -> int:
    """Open the reports of this month and the last; return how many are new."""
    return reports.open_months(timezone.localdate())


@daily("certification.open_reports", hour=1, title=_("Open the monthly reports"))
def open_monthly_reports(job):
    """Do it for every approved body; a missed night is caught up by the next."""
    open_reports()


sweeps.register("reports", "certification.open_reports", open_reports)
