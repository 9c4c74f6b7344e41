"""The jobs of the portal as a whole."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from foundation import jobs, mail, notices
from foundation.daily import daily, day_of
from foundation.models import DataRequest, Delivery, Digest, Notice
from portal import digests, figures
from portal.personal import copies, retention


@daily("portal.make_digests", hour=settings.DIGEST_HOUR, title=_("Prepare the daily digests"))
def make_digests(job):
    """Prepare today's digests; those of a day that is over are left out."""
    day = day_of(job)
    if day is not None:
        digests.make(day, lambda: jobs.progress(job, 50))


@jobs.job(
    digests.MAIL,
    title=_("Send a daily digest"),
    retry_for=mail.RETRY_FOR,
    max_attempts=mail.ATTEMPTS,
)
def mail_digest(job):
    """Send one digest, once; what was settled meanwhile is not in it any more."""
    digest = Digest.objects.select_related("recipient").get(pk=job.subject_id)
    user = digest.recipient
    if digest.mailed_at is not None or not user.is_active:
        return
    with_due = notices.choices_of(user)[notices.DUE.key] != Delivery.NEVER
    rows = digest.notices.filter(read_at=None).order_by("created_at")
    with translation.override(user.language):
        content = digests.content_of(user, rows, with_due=with_due)
        if not content:
            return
        facts = {"content": content, "sentence": content.sentence}
        message = mail.compose(digest, "digest", content.sentence, facts, notices.DUE.key)
    if not mail.send(digest, message):
        return
    keys = [notice.pk for notice in content.news]
    Notice.objects.filter(pk__in=keys).update(mailed_at=timezone.now(), mailed_to=user.email)


@daily("portal.count_figures", hour=4, title=_("Count the figures of the bodies"))
def count_figures(job):
    """Count this year and the last; what is counted already is counted again."""
    figures.renew_all(timezone.localdate())


@daily("portal.apply_retention", hour=3, title=_("Remove what is no longer needed"))
def apply_retention(job):
    """Remove what the table of retention says; a day that is over has nothing of its own."""
    retention.apply()


@jobs.job(copies.MAKE, title=_("Make a copy of personal data"), retry_for=(OSError,))
def make_copy(job):
    """Write the copy somebody asked for; a wish that was erased meanwhile has none."""
    request = DataRequest.objects.select_related("user").filter(pk=job.subject_id).first()
    if request is not None:
        copies.make(request)
