"""The pages of the admin that import and export organisations."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation.exports import csv_response
from organisations.forms.imports import (
    COLUMNS,
    KNOWN,
    NEW,
    WRONG,
    ImportForm,
    check_rows,
    seal,
    unseal,
)
from organisations.models import Organisation
from organisations.services.imports import import_organisations

EXAMPLE = {
    "kind": "enterprise",
    "country": "CN",
    "identifier": "91330200000000019B",
    "name_zh": "示例精密机械有限公司",
    "name_en": "Example Precision Machinery Co., Ltd.",
    "address_zh": "浙江省宁波市示例路1号",
    "legal_representative": "张三",
}


class SheetPages:
    """Mixin of the organisations' admin: a template, an import with preview, an export."""

    change_list_template = "admin/organisations_list.html"

    def get_urls(self):
        pages = (("import", self.import_view), ("template", self.template_view),
                 ("export", self.export_view))  # fmt: skip
        wrap = self.admin_site.admin_view
        return [
            *(
                path(f"{name}/", wrap(view), name=f"organisations_organisation_{name}")
                for name, view in pages
            ),
            *super().get_urls(),
        ]

    def template_view(self, request):
        """Give the file to fill in, with one example."""
        line = [EXAMPLE.get(name, "") for name in COLUMNS]
        return csv_response("organisations-template", COLUMNS, [line])

    def export_view(self, request):
        """Give every organisation that can be imported, in the columns of the import."""
        rows = Organisation.objects.visible_to(request.actor).exclude(kind="body")
        lines = ([getattr(row, name) or "" for name in COLUMNS] for row in rows.iterator(500))
        return csv_response("organisations", COLUMNS, lines)

    def import_view(self, request):
        """Ask for the file, show what each row would do, and do it all when confirmed."""
        if request.method == "POST" and "rows" in request.POST:
            return self._confirmed(request)
        form = ImportForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
        rows = form.rows if form.is_bound and form.is_valid() else None
        return self._show(request, form, rows)

    def _show(self, request, form, sheet=None, status=200):
        rows = check_rows(sheet) if sheet is not None else None
        counts = {
            outcome: sum(row.outcome == outcome for row in rows or ())
            for outcome in (NEW, KNOWN, WRONG)
        }
        usable = rows is not None and not counts[WRONG]
        if form.errors or (rows is not None and not usable):
            status = 422
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import organisations"),
            "opts": self.opts,
            "form": form,
            "rows": rows,
            "counts": counts,
            "columns": COLUMNS,
            "sealed": seal(sheet) if usable and counts[NEW] else "",
        }
        return TemplateResponse(request, "admin/import.html", context, status=status)

    def _confirmed(self, request):
        """Judge the rows again, and write them all or none."""
        try:
            sheet = unseal(request.POST["rows"])
        except ValidationError as error:
            self.message_user(request, error.messages[0], messages.ERROR)
            return HttpResponseRedirect(request.path)
        rows = check_rows(sheet)
        if any(row.outcome == WRONG for row in rows):
            return self._show(request, ImportForm(), sheet)
        new = [row.facts for row in rows if row.outcome == NEW]
        try:
            with transaction.atomic():
                made = import_organisations(actor=request.actor, rows=new)
        except IntegrityError:
            return self._show(request, ImportForm(), sheet)
        words = ngettext(
            "%(n)s organisation is registered.", "%(n)s organisations are registered.", len(made)
        )
        self.message_user(request, words % {"n": len(made)}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:organisations_organisation_changelist"))
