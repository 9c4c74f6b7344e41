"""Delivery reports of mail servers (RFC 3464) about mails of ours, read from a mailbox."""

import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from foundation import refusals
from foundation.models import Digest, Notice

_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^>\s]+)>")
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}")
_MBOX = b"From "


@dataclass(frozen=True)
class Report:
    """What one delivery report says of the one recipient of a mail of ours."""

    message_id: str
    action: str
    status: str
    reason: str


def messages_in(path: Path) -> Iterator[Message]:
    """Yield the messages of a maildir, an mbox file or a file with one message."""
    if path.is_dir():
        yield from mailbox.Maildir(path, create=False)
    else:
        yield from messages_of(path.read_bytes())


def messages_of(data: bytes) -> Iterator[Message]:
    """Yield the messages of an mbox, or the one message there is."""
    if not data.startswith(_MBOX):
        yield message_from_bytes(data)
        return
    for part in re.split(rb"(?m)^From [^\n]*\n", data)[1:]:
        yield message_from_bytes(part)


def read(message: Message) -> Report | None:
    """Return what a message reports, or None when it is no delivery report on a mail of ours."""
    status = original = None
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = _recipient(part)
        elif kind == "message/rfc822":
            original = _part_of(part)
        elif kind == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            original = message_from_bytes(headers if isinstance(headers, bytes) else b"")
    if status is None or original is None:
        return None
    return Report(
        message_id=str(original.get("Message-ID", "")),
        action=str(status.get("Action", "")).strip().lower(),
        status=str(status.get("Status", "")),
        reason=str(status.get("Diagnostic-Code", "")).partition(";")[2].strip(),
    )


def _part_of(part: Message) -> Message | None:
    inner = part.get_payload(0) if part.is_multipart() else None
    return inner if isinstance(inner, Message) else None


def _recipient(part: Message) -> Message | None:
    """Return the block of fields about the recipient; our mails have one."""
    blocks = part.get_payload()
    found = [block for block in blocks if isinstance(block, Message) and "Action" in block]
    return found[0] if found else None


def take(message: Message) -> bool | None:
    """Mark the address that a report calls undeliverable.

    Returns whether that is new, or None when the message says nothing about a mail of ours that
    failed for good because of its address.
    """
    report = read(message)
    if report is None or report.action != "failed":
        return None
    status = _STATUS.search(report.status)
    if status is None or not refusals.is_about_address(0, status[0]):
        return None
    row = _sent(report.message_id)
    if row is None:
        return None
    reason = f"{status[0]} {report.reason}".strip()
    return refusals.mark(row.mailed_to, code=status[0], reason=reason, sent_at=row.mailed_at)


def _sent(message_id: str):
    """Return the notice or digest that went out under a Message-ID, if it did."""
    match = _OURS.search(message_id)
    if match is None or match[2] != urlsplit(settings.BASE_URL).hostname:
        return None
    for model in (Notice, Digest):
        row = model.objects.filter(pk=UUID(match[1])).exclude(mailed_at=None).first()
        if row is not None:
            return row
    return None
