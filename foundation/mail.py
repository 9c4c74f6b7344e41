"""E-mails: composed in the reader's language as text and HTML, sent by jobs, once."""

from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from foundation import jobs, logs, refusals, unsubscribe
from foundation.models import Notice
from foundation.notices import KINDS, MAIL, Kind, texts

RETRY_FOR = (SMTPException, OSError)
# Pauses grow to a quarter of an hour: three days, a long weekend without a mail server.
ATTEMPTS = 300


def message_id(row) -> str:
    """Return the Message-ID under which a row's e-mail goes out: the same at every attempt."""
    return f"<{row.pk}@{urlsplit(settings.BASE_URL).hostname}>"


def headers(identifier: str) -> dict[str, str]:
    """Return what stands in the head of every e-mail of the portal, with its Message-ID."""
    return {
        "Message-ID": identifier,
        "Auto-Submitted": "auto-generated",
        "X-Request-ID": logs.request_id(),
    }


def compose(row, template: str, subject: str, context: dict[str, Any], group: str = ""):
    """Return the e-mail of a notice or digest to its recipient, in the active language.

    With a ``group`` it carries the link that ends the e-mails of that group, in the text and in
    the headers a mail program shows as a button (RFC 2369, RFC 8058).
    """
    person = row.recipient
    marks = headers(message_id(row))
    address = unsubscribe.address_for(person, group) if group else ""
    if address:
        marks["List-Unsubscribe"] = f"<{address}>"
        marks["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    facts = {
        "name": person.name,
        "portal_name": settings.PORTAL_NAME,
        "base_url": settings.BASE_URL,
        "unsubscribe": address,
        **context,
    }
    message = EmailMultiAlternatives(
        # A fact of a notice may hold a line break; the subject is one line.
        subject=" ".join(str(subject).split()),
        body=render_to_string(f"foundation/mail/{template}.txt", facts),
        to=[person.email],
        headers=marks,
    )
    message.attach_alternative(
        render_to_string(f"foundation/mail/{template}.html", facts), "text/html"
    )
    return message


class MailRefusedError(Exception):
    """The server refused a mail for good, for a reason that is not the address."""


class AddressRefusedError(Exception):
    """The address takes no mail: ``code`` is the number of the answer, ``words`` all of it."""

    def __init__(self, code: int, words: str):
        super().__init__(words)
        self.code = code
        self.words = words


def post(message) -> None:
    """Hand a mail to one recipient over to the mail server.

    Raises AddressRefusedError or MailRefusedError when it is refused for good, and what smtplib
    raises for what may pass.
    """
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        ((code, answer),) = error.recipients.values()
        raise _meaning(code, _words(code, answer)) from error
    except SMTPDataError as error:
        if error.smtp_code not in refusals.PERMANENT:
            raise
        raise MailRefusedError(_words(error.smtp_code, error.smtp_error)) from error


def _meaning(code, words) -> Exception:
    """Return the error that says what the refusal of a recipient means."""
    if code not in refusals.PERMANENT:
        return SMTPException(words)
    if not refusals.is_about_address(code, words):
        return MailRefusedError(words)
    return AddressRefusedError(code, words)


def send(row, message) -> bool:
    """Send the e-mail of a row and remember when it went where; return whether it went.

    An address that takes no mail is marked and not tried again. Raises MailRefusedError when the
    mail is refused for good for another reason, and what smtplib raises for what may pass.
    """
    address = row.recipient.email
    if refusals.of(address) is not None:
        return False
    try:
        post(message)
    except AddressRefusedError as error:
        refusals.mark(address, code=str(error.code), reason=error.words)
        return False
    type(row).objects.filter(pk=row.pk).update(mailed_at=timezone.now(), mailed_to=address)
    return True


def _words(code, answer) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {text}"


@jobs.job(MAIL, title=_("Send an e-mail"), retry_for=RETRY_FOR, max_attempts=ATTEMPTS)
def mail_notice(job):
    """Send one notice by e-mail, once; nobody writes to a person who left."""
    notice = Notice.objects.select_related("recipient").get(pk=job.subject_id)
    if notice.mailed_at is not None or not notice.recipient.is_active:
        return
    with translation.override(notice.recipient.language):
        message = _letter(notice, KINDS[notice.kind])
    send(notice, message)


def _letter(notice: Notice, kind: Kind):
    title, body = texts(notice)
    facts = {
        "title": title,
        "body": body,
        "address": settings.BASE_URL + notice.url if notice.url else "",
        "required": kind.required.why if kind.required else "",
    }
    message = compose(notice, "notice", title, facts, "" if kind.required else kind.group.key)
    for name, content, content_type in kind.attach(notice) if kind.attach else ():
        message.attach(name, content, content_type)
    return message
