"""E-mails to people who complained without an account."""

from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy

from certification.complaint_links import address_of
from certification.models import Complaint
from certification.notices.complaints import TOLD
from certification.services.complaint_telling import MAIL
from foundation import jobs, mail


@jobs.job(
    MAIL,
    title=gettext_lazy("Write to who complained"),
    retry_for=mail.RETRY_FOR,
    max_attempts=mail.ATTEMPTS,
)
def mail_complainant(job):
    """Write what happened, with the private link; nobody writes once the address is deleted."""
    complaint = Complaint.objects.select_related("body").get(pk=job.subject_id)
    if not complaint.email:
        return
    title, body = TOLD[job.payload["event"]]
    with translation.override(complaint.language):
        facts = {"number": complaint.number, "body": complaint.body.name}
        context = {
            "title": str(title) % facts,
            "body": str(body) % facts,
            "name": complaint.name,
            "address": address_of(complaint),
        }
        message = EmailMessage(
            subject=context["title"],
            body=render_to_string("certification/mail/complaint.txt", context),
            to=[complaint.email],
            headers=mail.headers(make_msgid(domain=urlsplit(settings.BASE_URL).hostname)),
        )
    mail.post(message)
