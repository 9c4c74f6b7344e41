"""Work that organisations leave to the worker."""

from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import jobs, mail
from organisations.models import Invitation
from organisations.services.invitations import new_token


@jobs.job(
    "organisations.mail_invitation",
    title=gettext_lazy("Send an invitation"),
    retry_for=mail.RETRY_FOR,
    max_attempts=mail.ATTEMPTS,
)
def mail_invitation(job):
    """Send the link of an invitation. Each attempt makes a new one: none is ever stored.

    An address that takes no mail fails the job, for those who invited to see. It is marked nowhere:
    nobody has shown that it belongs to a person of the portal.
    """
    rows = Invitation.objects.select_related("organisation", "invited_by")
    invitation = rows.get(pk=job.subject_id)
    if invitation.sent_round >= invitation.round or not invitation.is_open:
        return
    address = settings.BASE_URL + reverse("organisations:invitation", args=[new_token(invitation)])
    with translation.override(invitation.language):
        context = {"invitation": invitation, "address": address}
        message = EmailMessage(
            subject=_("Invitation to act for %(name)s") % {"name": invitation.organisation.name},
            body=render_to_string("organisations/mail/invitation.txt", context),
            to=[invitation.email],
            # A mail server drops what it has seen, and the link of the mail before is over.
            headers=mail.headers(make_msgid(domain=urlsplit(settings.BASE_URL).hostname)),
        )
    mail.post(message)
    Invitation.objects.filter(pk=invitation.pk).update(sent_round=invitation.round)
