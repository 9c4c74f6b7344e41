"""The check record: what the public page said, when, as a document to keep with a tender."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.art import fingerprint_text
from certification.enums import CertificateStatus
from foundation.documents import Section, render_document
from foundation.formatting import day, stamp
from verification.queries import address_of, in_force
from verification.texts import ANSWERS, status_on


def check_record(certificate, portal_name: str, *, language: str, now=None) -> bytes:
    """Return the record of a check as PDF, in the reader's language.

    Raises RenderingError when a character cannot be printed.
    """
    return render_document(context=_context(certificate, portal_name, now), language=language)


def _context(certificate, portal_name, now):
    now = now or timezone.now()
    status = status_on(certificate, timezone.localdate(now))
    answer, revision = ANSWERS[status], in_force(certificate)
    expiry = day(certificate.expires_on)
    facts = [
        (_("Status at that moment"), f"{answer.zh} {answer.en}"),
        (_("Checked"), stamp(now)),
        (_("Holder"), " / ".join(filter(None, (certificate.holder_zh, certificate.holder_en)))),
        (_("Credit code or registration number"), certificate.holder_identifier),
        (_("Standard"), certificate.edition.both_designations),
        (_("Scope"), " / ".join(filter(None, (certificate.scope_zh, certificate.scope_en)))),
        (
            _("Valid until") if status == CertificateStatus.VALID else _("Printed expiry"),
            expiry if status == CertificateStatus.VALID else f"{expiry} · {answer.until}",
        ),
        (_("Issued by"), " / ".join(
            filter(None, (certificate.body.name_zh, certificate.body.name_en))
        )),
        (_("Revision in force"), str(revision.revision)),
        (_("Fingerprint"), fingerprint_text(revision.digest)),
    ]  # fmt: skip
    return {
        "issuer": {"name_zh": portal_name, "name_en": portal_name},
        "title": _("Check record"),
        "reference": certificate.number,
        "issued_on": timezone.localdate(now),
        "facts": facts,
        "sections": [
            Section(
                _("What this is"),
                paragraphs=[
                    _(
                        "This record says what the public page of the certificate said at the "
                        "moment named above. The status may have changed since: check again "
                        "at the address below before you rely on it."
                    )
                ],
            )
        ],
        "digest": revision.digest,
        "address": address_of(certificate),
    }
