"""The whole file of a complaint or an appeal as one archive with a manifest."""

import hashlib
import io
import json
import zipfile

from django.utils import timezone
from django.utils.translation import gettext as _

from certification.models import Complaint
from certification.queries.complaints import files_of
from foundation import files, timeline
from foundation.formatting import day, stamp
from foundation.models import JournalEntry

TEXT, MANIFEST = "file.txt", "manifest.json"


def pack(complaint: Complaint, *, actor) -> bytes:
    """Return everything that was written, done and sent, for who handles it or the authority.

    ``manifest.json`` names each file with size and SHA-256; what the virus scanner keeps back or
    is damaged is named there with its reason and left out.
    """
    entries = list(complaint.entries.select_related("author"))
    parts = {TEXT: _written(complaint, entries).encode()}
    lacking = []
    number = 0
    attached = files_of(entries)
    for entry in entries:
        for file in attached[entry.pk]:
            number += 1
            name = f"files/{number:02}-{file.name}"
            try:
                parts[name] = files.read(file)
            except OSError as error:
                lacking.append({"name": name, "sha256": file.sha256, "why": str(error)})
    manifest = {
        "number": complaint.number,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "made_for": actor.organisation.name_zh or actor.organisation.name_en,
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in parts.items()
        ],
        "left_out": lacking,
    }
    parts[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _written(complaint, entries) -> str:
    facts = [
        (_("Number"), complaint.number),
        (_("Status"), complaint.get_status_display()),
        (_("About"), complaint.title),
        (_("Whom or what it names"), complaint.named),
        (_("Certificate"), complaint.certificate or complaint.certificate_named),
        (_("Case"), complaint.case or ""),
        (_("Certification body"), complaint.body.name),
        (_("Enterprise"), complaint.enterprise.name if complaint.enterprise else ""),
        (_("Name of the complainant"), complaint.name),
        (_("E-mail address of the complainant"), complaint.email),
        (_("Received"), stamp(complaint.created_at)),
        (_("To be acknowledged by"), day(complaint.acknowledge_by)),
        (_("To be decided by"), day(complaint.decide_by)),
        (_("Handled by"), complaint.handler.name if complaint.handler else ""),
        (_("Conclusion"), complaint.get_conclusion_display()),
        (_("Decided by"), complaint.decided_by.name if complaint.decided_by else ""),
    ]
    lines = [f"{label}: {value}" for label, value in facts if value]
    for entry in entries:
        who = entry.author.name if entry.author else complaint.name
        head = " · ".join(filter(None, (stamp(entry.created_at), entry.get_kind_display(), who)))
        lines += ["", f"== {head}", entry.text]
    lines += ["", f"== {_('History')}"]
    history = JournalEntry.objects.filter(thread=complaint.journal_thread).order_by("pk")
    for row in timeline.lines(history):
        lines.append(" · ".join(filter(None, (stamp(row["at"]), str(row["text"]), row["who"]))))
    return "\n".join(lines) + "\n"
