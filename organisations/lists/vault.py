"""The list of an organisation's files."""

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from foundation import quota
from foundation.attachments import uses_of
from foundation.examination import DOCX, JPEG, PDF, PNG, XLSX
from foundation.formatting import size
from foundation.lists import Action, Empty, Filters, ListPage, View, register
from foundation.models import StoredFile
from foundation.models.files import ScanState
from foundation.tables import Column
from organisations.rights import KEEPS_FILES

TYPES = {PDF: "PDF", PNG: "PNG", JPEG: "JPEG", DOCX: "DOCX", XLSX: "XLSX"}
_CELLS = "organisations/file_cells"


class FileFilters(Filters):
    hint = gettext_lazy("Name, description or SHA-256")
    words = ("name", "description", "sha256")

    type = django_filters.ChoiceFilter(
        label=gettext_lazy("Type"),
        field_name="content_type",
        choices=list(TYPES.items()),
        empty_label=gettext_lazy("Every type"),
    )
    scan = django_filters.ChoiceFilter(
        label=gettext_lazy("Virus scan"),
        choices=ScanState.choices,
        empty_label=gettext_lazy("Every state"),
    )


class FileList(ListPage):
    name = "files"
    url_name = "organisations:files"
    title = gettext_lazy("Files")
    counted = ngettext_lazy("%(n)s document", "%(n)s documents", "n")
    right = KEEPS_FILES
    filters = FileFilters
    views = (
        View("", gettext_lazy("In use"), Q(ended_at=None)),
        View("ended", gettext_lazy("Out of use"), Q(ended_at__isnull=False)),
        View("infected", gettext_lazy("Infected"), Q(scan=ScanState.INFECTED), hot=True),
    )
    columns = (
        Column(gettext_lazy("Document"), template=f"{_CELLS}/name.html", main=True, sort="name"),
        Column(gettext_lazy("Used in"), template=f"{_CELLS}/uses.html"),
        Column(gettext_lazy("Virus scan"), template=f"{_CELLS}/scan.html"),
        Column(gettext_lazy("Size"), template=f"{_CELLS}/size.html", sort="size", number=True),
        Column(gettext_lazy("Uploaded"), template=f"{_CELLS}/uploaded.html", sort="created_at"),
    )
    sorts = {name: (name,) for name in ("name", "size", "created_at")}
    order = "-created_at"

    def rows(self, actor):
        newest = StoredFile.objects.filter(
            family=OuterRef("family"), version__gt=OuterRef("version")
        )
        rows = StoredFile.objects.visible_to(actor).filter(~Exists(newest))
        return rows.select_related("uploaded_by")

    def prepare(self, rows, actor):
        families = {row.family for row in rows}
        versions = list(StoredFile.objects.visible_to(actor).filter(family__in=families))
        seen, hidden = uses_of(versions, actor)
        for row in rows:
            own = [version.pk for version in versions if version.family == row.family]
            row.uses = _once(use for key in own for use in seen[key])
            row.hidden_uses = sum(hidden[key] for key in own)
            row.type_name = TYPES[row.content_type]
        return rows

    def sentence(self, listing):
        used, most = quota.use_of(listing.actor.organisation_id)
        return _("%(words)s. Your organisation uses %(used)s of %(most)s.") % {
            "words": super().sentence(listing),
            "used": size(used),
            "most": size(most),
        }

    def actions(self, actor):
        return (Action(_("Add a file"), reverse("organisations:file_add"), True, "upload"),)

    def empty_for(self, actor):
        text = _("What you upload anywhere is kept here, to be used again.")
        return Empty(
            _("No files yet"), text, "file", reverse("organisations:file_add"), _("Add a file")
        )

    def export_columns(self, actor):
        return (
            (_("Document"), lambda row: row.name),
            (_("Description"), lambda row: row.description),
            (_("Version"), lambda row: row.version),
            (_("Used in"), lambda row: "; ".join(f"{u.title}: {u.record}" for u in row.uses)),
            (_("Virus scan"), lambda row: row.get_scan_display()),
            (_("Size"), lambda row: row.size),
            ("SHA-256", lambda row: row.sha256),
            (_("Uploaded by"), lambda row: row.uploaded_by.name if row.uploaded_by else ""),
            (_("Uploaded"), lambda row: row.created_at),
        )


def _once(uses) -> list:
    """Return each record and label once, whichever versions it has."""
    return list({(use.record.pk, use.attachment.label): use for use in uses}.values())


FILES = register(FileList())
