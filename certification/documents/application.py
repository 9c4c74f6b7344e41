"""The copy of an application: the kept answers to sections to PDF.

The same version gives the same bytes. Its digest is printed, and the answers are attached as
canonical JSON, so that anyone can compute it again.
"""

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from certification.queries.snapshots import sections
from certification.questions import DECLARATION
from foundation.canonical import canonical
from foundation.documents import Section, Signature, render_document
from foundation.formatting import moment
from foundation.pdf import Attached


def application_pdf(version) -> bytes:
    """Return a sent version as a document in the sender's language.

    Raises what render_document raises.
    """
    language = version.submitted_by.language
    with translation.override(language):
        context = build_context(version)
    answers = Attached(
        name="application.json",
        content=canonical(version.snapshot),
        description="The answers of this application, canonical JSON",
        at=version.created_at,
    )
    return render_document(context=context, language=language, attachments=[answers])


def build_context(version) -> dict:
    """Return what the document shows, in the active language."""
    snapshot = version.snapshot
    sent = moment(version.created_at)
    return {
        "issuer": {"name_zh": snapshot["name"]["zh"], "name_en": snapshot["name"]["en"]},
        "title": _("Application for certification"),
        "reference": f"{snapshot['number']} / {version.version}",
        "issued_on": timezone.localdate(version.created_at),
        "facts": [
            (_("Application"), snapshot["number"]),
            (_("Version"), version.version),
            (_("Sent to"), " / ".join(filter(None, map(snapshot["body"].get, ("zh", "en"))))),
            (_("Sent"), sent),
        ],
        "sections": [
            *(
                Section(
                    part.step.title,
                    facts=[(row.label, row.text or _("Not provided")) for row in part.rows],
                )
                for part in sections(snapshot)
            ),
            Section(_("Declaration"), paragraphs=[DECLARATION]),
        ],
        "signatures": [Signature(_("Declared online by"), version.submitted_by.name, sent)],
        "digest": version.sha256,
    }
