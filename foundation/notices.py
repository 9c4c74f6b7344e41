"""Tell people: a notice in the portal, and an e-mail in the reader's language."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from foundation import jobs
from foundation.models import Notice
from foundation.models.base import subject_type


@dataclass(frozen=True)
class Kind:
    """The texts of one kind of notice; ``%(name)s`` takes facts from its params.

    ``attach`` gives the files of its e-mail: name, content, type.
    """

    title: Any
    body: Any
    attach: Callable[[Notice], Iterable[tuple[str, bytes, str]]] | None = None


KINDS: dict[str, Kind] = {}


def register(kind: str, *, title, body, attach=None) -> None:
    """Declare a kind of notice with its two texts, and the files of its e-mail if any."""
    KINDS[kind] = Kind(title, body, attach)


def notify(kind: str, *, to, obj=None, url: str = "", key: str = "", **params) -> list[Notice]:
    """Write a notice for each person inside the current transaction; mail follows as a job.

    ``params`` are plain facts; a pair ``name_zh``/``name_en`` reads as ``name`` in the
    reader's language.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    notices = []
    for user in dict.fromkeys(to):
        notice = Notice.objects.create(
            recipient=user,
            kind=kind,
            params={name: str(value) for name, value in params.items()},
            url=url,
            subject_type=subject_type(obj) if obj is not None else "",
            subject_id=obj.pk if obj is not None else None,
        )
        jobs.enqueue("foundation.mail_notice", key=f"mail:{notice.pk}", subject=notice)
        notices.append(notice)
    return notices


def in_both(name: str, write: Callable[[Any], Any], value) -> dict[str, str]:
    """Return a fact of a notice as it is written in each language: ``name_zh``, ``name_en``."""
    facts = {}
    for tag, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            facts[f"{name}_{tag}"] = str(write(value))
    return facts


def texts(notice: Notice) -> tuple[str, str]:
    """Return title and body in the active language."""
    kind = KINDS[notice.kind]
    chinese = (translation.get_language() or "").startswith("zh")
    params = dict(notice.params)
    for name, value in notice.params.items():
        stem, _dot, language = name.rpartition("_")
        if stem and language in {"zh", "en"}:
            other = notice.params.get(f"{stem}_{'en' if language == 'zh' else 'zh'}", "")
            if (language == "zh") == chinese:
                params[stem] = value or other
    return str(kind.title) % params, str(kind.body) % params


@jobs.job(
    "foundation.mail_notice",
    title=_("Send an e-mail"),
    retry_for=(SMTPException, OSError),
    max_attempts=8,
)
def mail_notice(job):
    """Send one notice by e-mail, once."""
    notice = Notice.objects.select_related("recipient").get(pk=job.subject_id)
    if notice.mailed_at is not None:
        return
    with translation.override(notice.recipient.language):
        title, body = texts(notice)
        context = {
            "title": title,
            "body": body,
            "address": settings.BASE_URL + notice.url if notice.url else "",
            "name": notice.recipient.name,
            "portal_name": settings.PORTAL_NAME,
        }
        message = EmailMultiAlternatives(
            subject=title,
            body=render_to_string("foundation/mail/notice.txt", context),
            to=[notice.recipient.email],
            headers={"Message-ID": f"<{notice.pk}@{urlsplit(settings.BASE_URL).hostname}>"},
        )
        message.attach_alternative(
            render_to_string("foundation/mail/notice.html", context), "text/html"
        )
        attach = KINDS[notice.kind].attach
        for name, content, kind in attach(notice) if attach else ():
            message.attach(name, content, kind)
    message.send()
    Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


def mark_read(notice: Notice) -> None:
    """Remember that the person has seen a notice."""
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())
