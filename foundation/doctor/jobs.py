"""Jobs and notices: nothing lost, nothing stuck, nothing twice."""

from datetime import timedelta
from functools import partial

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import jobs
from foundation.checkup import ERROR, WARNING, Finding, check, name_of
from foundation.models import Attachment, Delivery, Job, Notice, RefusedAddress
from foundation.models.base import subject_type
from foundation.models.jobs import JobState

PATIENCE = timedelta(minutes=10)


def _facts(row):
    return {"kind": jobs.title_of(row), "key": row.key, "error": row.error}


@check("jobs.failed", gettext_lazy("No job has failed."), operating=True)
def failed():
    """Name what was given up; trying again is a person's decision."""
    for row in Job.objects.filter(state=JobState.FAILED).iterator():
        yield Finding(
            _("“%(kind)s” (%(key)s) has failed: %(error)s") % _facts(row),
            _("Remove the cause, then try it again on the page of the job."),
            name_of(row),
        )


@check("jobs.known", gettext_lazy("Every job is of a kind that this release can do."))
def known():
    """Name jobs that no function is registered for."""
    waiting = (JobState.QUEUED, JobState.RUNNING)
    rows = Job.objects.filter(state__in=waiting).exclude(kind__in=list(jobs.HANDLERS))
    for row in rows.iterator():
        yield Finding(
            _("Nothing here can do “%(kind)s” (%(key)s).") % _facts(row),
            _("Bring all machines to the same release."),
            name_of(row),
        )


@check("jobs.leases", gettext_lazy("Nobody has died over a job and left it lying."), operating=True)
def leases():
    """Find running jobs whose lease is over: a worker takes them up again, if there is one."""
    now = timezone.now()
    for row in Job.objects.filter(state=JobState.RUNNING, leased_until__lt=now).iterator():
        yield Finding(
            _("Whoever did “%(kind)s” (%(key)s) is gone.") % _facts(row),
            _("It is taken up by itself when a scheduler and a worker run."),
            name_of(row),
            WARNING if row.leased_until > now - PATIENCE else ERROR,
            partial(jobs.run, row.pk),
        )


@check("jobs.late", gettext_lazy("What is due is done soon."), operating=True)
def late():
    """Find jobs that are due; those due for long mean that nobody works."""
    now = timezone.now()
    for row in Job.objects.filter(state=JobState.QUEUED, run_at__lte=now).iterator():
        yield Finding(
            _("“%(kind)s” (%(key)s) is due since %(at)s.")
            % (_facts(row) | {"at": row.run_at.isoformat(timespec="seconds")}),
            _("Start the scheduler and a worker; see that the broker answers."),
            name_of(row),
            WARNING if row.run_at > now - PATIENCE else ERROR,
        )


@check("jobs.subjects", gettext_lazy("What a waiting job is about exists."))
def subjects():
    """Find jobs that wait for a record which is gone; they would fail."""
    open_ones = Job.objects.filter(state__in=(JobState.QUEUED, JobState.RUNNING))
    for row in _without_subject(open_ones):
        yield Finding(
            _("“%(kind)s” (%(key)s) is about a record that does not exist.") % _facts(row),
            _("Compare with the last good backup."),
            name_of(row),
        )


@check("files.subjects", gettext_lazy("What a file hangs on exists."))
def attached():
    """Find attachments to records which are gone."""
    for row in _without_subject(Attachment.objects.all()):
        yield Finding(
            _("A file hangs as “%(label)s” on %(subject)s %(key)s, which does not exist.")
            % {"label": row.label, "subject": row.subject_type, "key": row.subject_id},
            _("Compare with the last good backup."),
            name_of(row),
        )


def _without_subject(rows):
    rows = rows.exclude(subject_type="")
    for kind in rows.order_by().values_list("subject_type", flat=True).distinct():
        model = apps.get_model(kind)
        there = model._base_manager.filter(pk=OuterRef("subject_id"))
        yield from rows.filter(~Exists(there), subject_type=kind).iterator()


def _mail(notice):
    jobs.enqueue("foundation.mail_notice", key=f"mail:{notice.pk}", subject=notice)


@check("notices.mails", gettext_lazy("Every notice has its e-mail, or waits for it."))
def mails():
    """Find notices without a job that mails them, and jobs that ended without a mail.

    Those who left and addresses that refused our mail get none, as it should be.
    """
    refused = RefusedAddress.objects.filter(
        Q(cleared_at=None) | Q(cleared_at__gt=OuterRef("created_at")),
        address=Lower(OuterRef("recipient__email")),
    )
    about = Job.objects.filter(subject_type=subject_type(Notice), subject_id=OuterRef("pk"))
    rows = Notice.objects.filter(delivery=Delivery.NOW, mailed_at=None)
    for row in rows.filter(~Exists(about)).iterator():
        yield Finding(
            _("Nobody will send the notice “%(kind)s” to its reader.") % {"kind": row.kind},
            _("The doctor can ask for its e-mail again."),
            name_of(row),
            repair=partial(_mail, row),
        )
    reachable = rows.filter(~Exists(refused), recipient__is_active=True)
    for row in reachable.filter(Exists(about.filter(state=JobState.DONE))).iterator():
        yield Finding(
            _("The e-mail of a notice “%(kind)s” counts as sent, and was not.")
            % {"kind": row.kind},
            _("Ask the reader; write by hand if it is missing."),
            name_of(row),
        )


@check("files.once", gettext_lazy("Every document the portal makes exists once for its record."))
def documents():
    """Find generated documents of one record under one label that have the same name."""
    twice = (
        Attachment.objects.filter(file__generated=True)
        .order_by()
        .values_list("subject_type", "subject_id", "label", "file__name")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    for subject, key, label, name, count in twice:
        yield Finding(
            _("“%(name)s” hangs %(count)s times as “%(label)s” on one record.")
            % {"name": name, "count": count, "label": label},
            _("The oldest counts. Tell the makers: a job had its effect twice."),
            f"{subject} {key}",
        )
