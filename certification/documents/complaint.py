"""The receipt of a complaint as a document to keep."""

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from certification.complaint_links import address_of
from certification.queries.complaint_pages import steps
from foundation.documents import Section, render_document
from foundation.formatting import day, moment


def receipt(complaint, *, language: str) -> bytes:
    """Return the receipt as PDF: number, limits, what happens next, the private address.

    It repeats nothing that the complainant wrote. Raises what render_document raises.
    """
    with translation.override(language):
        context = _context(complaint)
    return render_document(context=context, language=language)


def _context(complaint) -> dict:
    body = complaint.body
    return {
        "issuer": {"name_zh": body.name_zh, "name_en": body.name_en},
        "title": _("Receipt of a complaint"),
        "reference": complaint.number,
        "issued_on": timezone.localdate(complaint.created_at),
        "facts": [
            (_("Number"), complaint.number),
            (_("Received"), moment(complaint.created_at)),
            (_("About"), complaint.get_about_display()),
            (_("Handled by"), " / ".join(filter(None, (body.name_zh, body.name_en)))),
            (_("To be acknowledged by"), day(complaint.acknowledge_by)),
            (_("To be decided by"), day(complaint.decide_by)),
        ],
        "sections": [
            Section(
                _("What happens next"),
                items=[f"{row['title']}. {row['text']}".strip() for row in steps(complaint)],
            ),
            Section(
                _("Your private page"),
                paragraphs=[
                    _(
                        "Who has this address can read your complaint and act for you. Keep it "
                        "to yourself."
                    ),
                    address_of(complaint),
                ],
            ),
        ],
    }
