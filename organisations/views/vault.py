"""Pages of the files that an organisation keeps."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import timeline
from foundation.access import needs
from foundation.attachments import UseIsSettledError, move, uses_of
from foundation.models import Attachment, StoredFile
from foundation.workflow import StaleState
from organisations.forms.vault import AddFileForm, DescribeFileForm, EndFileForm, VersionForm
from organisations.rights import ENDS_FILES, KEEPS_FILES
from organisations.services import vault

METHODS = ["GET", "HEAD", "POST"]


def _file(request, pk, right=KEEPS_FILES) -> StoredFile:
    """Fetch a file of the house, or answer 404, or 403 with the reason."""
    rows = StoredFile.objects.visible_to(request.actor).select_related("uploaded_by")
    file = get_object_or_404(rows, pk=pk)
    access = right(request.actor, file)
    if not access:
        raise PermissionDenied(access.reason)
    return file


def page_of(file) -> str:
    """Return the address of the page about a file."""
    return reverse("organisations:file_about", args=[file.pk])


@require_safe
@needs(KEEPS_FILES)
def about(request, pk):
    """Everything about one document: versions, where it is used, who and when."""
    file = _file(request, pk)
    actor = request.actor
    versions = list(
        StoredFile.objects.visible_to(actor)
        .filter(family=file.family)
        .select_related("uploaded_by")
        .order_by("-version")
    )
    current = versions[0]
    seen, hidden = uses_of(versions, actor)
    context = {
        "file": file,
        "current": current,
        "versions": [
            {
                "file": row,
                "uses": [
                    {"use": use, "may_move": use.may_move and row.pk != current.pk}
                    for use in seen[row.pk]
                ],
                "hidden": hidden[row.pk],
            }
            for row in versions
        ],
        "in_use": current.is_current and current.ended_at is None,
        "may_end": bool(ENDS_FILES(actor, current)),
        "entries": timeline.of(current, actor, 10),
    }
    return render(request, "organisations/file.html", context)


def _form_page(request, form, title, back, intro=""):
    context = {"form": form, "title": title, "intro": intro, "back": back}
    status = 422 if form.is_bound else 200
    return render(request, "foundation/form.html", context, status=status)


def _posted(request) -> tuple:
    return (request.POST, request.FILES) if request.method == "POST" else ()


@require_http_methods(METHODS)
@needs(KEEPS_FILES)
def add(request):
    """Keep a new document."""
    form = AddFileForm(*_posted(request))
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        try:
            file = vault.add_file(
                actor=request.actor, given=facts["upload"], description=facts["description"]
            )
        except ValidationError as error:
            form.add_error("upload", error)
        else:
            messages.success(request, _("The file is kept."))
            return redirect(page_of(file))
    return _form_page(request, form, _("Add a file"), reverse("organisations:files"))


@require_http_methods(METHODS)
@needs(KEEPS_FILES)
def version(request, pk):
    """Keep a newer version of a document."""
    file = _file(request, pk)
    form = VersionForm(*_posted(request))
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        try:
            fresh = vault.add_version(
                actor=request.actor, file=file, given=form.cleaned_data["upload"]
            )
        except ValidationError as error:
            form.add_error("upload", error)
        except StaleState as refusal:
            messages.error(request, str(refusal))
            return redirect(page_of(file))
        else:
            messages.success(request, _("Version %(n)s is kept.") % {"n": fresh.version})
            return redirect(page_of(fresh))
    intro = _("What uses the present version goes on using it until you say otherwise.")
    title = _("Newer version of %(name)s") % {"name": file.name}
    return _form_page(request, form, title, page_of(file), intro)


@require_http_methods(METHODS)
@needs(KEEPS_FILES)
def describe(request, pk):
    """Give a document another name or description."""
    file = _file(request, pk)
    data = request.POST if request.method == "POST" else None
    stem = file.name.rpartition(".")[0]
    initial = {"name": stem, "description": file.description}
    form = DescribeFileForm(data, initial=initial)
    if form.is_bound and form.is_valid():
        vault.describe_file(actor=request.actor, file=file, **form.cleaned_data)
        messages.success(request, _("The file is described."))
        return redirect(page_of(file))
    return _form_page(request, form, _("Name and description"), page_of(file))


@require_http_methods(METHODS)
@needs(KEEPS_FILES)
def end(request, pk):
    """Take a document out of use, after saying what that means."""
    file = _file(request, pk, ENDS_FILES)
    if request.method == "POST":
        removed = vault.end_file(actor=request.actor, file=file)
        messages.success(request, _("%(name)s is out of use.") % {"name": file.name})
        kept = StoredFile.objects.visible_to(request.actor).filter(pk=file.pk).exists()
        if removed:
            words = ngettext("%(n)s version was removed.", "%(n)s versions were removed.", removed)
            messages.info(request, words % {"n": removed})
        return redirect(page_of(file) if kept else reverse("organisations:files"))
    family = StoredFile.objects.visible_to(request.actor).filter(family=file.family)
    context = {
        "file": file,
        "form": EndFileForm(),
        "kept": family.filter(attachments__isnull=False).distinct().count(),
        "gone": family.filter(attachments=None).count(),
        "cancel_url": page_of(file),
    }
    return render(request, "organisations/file_end.html", context)


@require_POST
@needs(KEEPS_FILES)
def use_current(request, pk, attachment):
    """Let a record that has an earlier version use the current one."""
    file = _file(request, pk)
    rows = Attachment.objects.filter(file__family=file.family)
    attached = get_object_or_404(rows.select_related("file"), pk=attachment)
    seen, _hidden = uses_of([attached.file], request.actor)
    use = next((one for one in seen[attached.file_id] if one.attachment.pk == attachment), None)
    current = StoredFile.objects.visible_to(request.actor).get(family=file.family, is_current=True)
    if use is None:
        raise PermissionDenied(_("You do not see where this version is used."))
    try:
        move(attached, current, request.actor)
    except UseIsSettledError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The record now uses version %(n)s.") % {"n": current.version})
    return redirect(page_of(current))
