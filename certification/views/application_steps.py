"""Filling in an application: a page for each group of questions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from certification.enums import ApplicationKind, DocumentKind
from certification.forms.application_steps import (
    FORMS,
    ChoiceOfBodyForm,
    DocumentForm,
    WishForm,
)
from certification.models import Application
from certification.queries.completeness import DONE, STARTED, tasks_of
from certification.queries.dossiers import dossier_of
from certification.queries.progress import open_requests
from certification.queries.snapshots import sections, snapshot_of
from certification.questions import LABELS, STEPS, step_after, step_named
from certification.services.applications import (
    application_add_site,
    application_attach,
    application_detach,
    application_start,
)
from foundation import editing, files
from foundation.access import needs
from foundation.workflow import WorkflowRefusal, WrongState
from organisations.forms.organisations import SiteForm
from organisations.rights import ADMINISTERS, IN_ENTERPRISE, OWNER

METHODS = ["GET", "HEAD", "POST"]
BACK = {"check": "certification:application_check", "list": "certification:application"}


@require_http_methods(METHODS)
@needs(IN_ENTERPRISE)
def application_new(request):
    """Ask what is applied for, then which body; the address keeps the first answers."""
    wish = WishForm(request.GET if "kind" in request.GET else None)
    if not wish.is_bound or not wish.is_valid() or "change" in request.GET:
        if wish.is_bound and "change" in request.GET:
            wish = WishForm(initial={"kind": request.GET["kind"],
                                     "schemes": request.GET.getlist("schemes")})  # fmt: skip
        return render(request, "certification/application_new.html", {"form": wish})
    kind, editions = wish.cleaned_data["kind"], list(wish.cleaned_data["schemes"])
    data = request.POST if request.method == "POST" else None
    form = ChoiceOfBodyForm(data, editions=editions, initial={"body": request.GET.get("body")})
    if form.is_bound and form.is_valid():
        application = application_start(
            actor=request.actor, kind=kind, schemes=editions, body=form.cleaned_data["body"]
        )
        return redirect(application)
    context = {
        "form": form,
        "kind": ApplicationKind(kind).label,
        "editions": editions,
        "bodies": form.fields["body"].queryset,
    }
    status = 422 if form.is_bound else 200
    return render(request, "certification/application_new_body.html", context, status=status)


def own_application(request, pk) -> Application:
    """Fetch an application through the actor, with its parties."""
    rows = Application.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("enterprise", "body__body_profile"), pk=pk)


@require_http_methods(METHODS)
@needs(IN_ENTERPRISE)
def application_step(request, pk, slug):
    """Show one page of a draft, keep what was typed there."""
    application = own_application(request, pk)
    try:
        step = step_named(slug)
    except KeyError:
        raise Http404 from None
    if not application.is_editable:
        return _refuse(request, application, _closed(application))
    try:
        return _PAGES.get(slug, _questions)(request, application, step)
    except WrongState as refusal:
        return _refuse(request, application, str(refusal))


def _closed(application) -> str:
    return _("The answers cannot be changed any more: the application is now “%(state)s”.") % {
        "state": application.get_status_display()
    }


def _refuse(request, application, message: str):
    """Say that the application moved on; autosave is told to stop."""
    if _is_autosave(request):
        return JsonResponse({"message": message}, status=409)
    messages.warning(request, message)
    return redirect(application)


def _is_autosave(request) -> bool:
    return request.headers.get("X-Autosave") == "1"


def _questions(request, application, step):
    data = request.POST if request.method == "POST" else None
    form = FORMS[step.slug](data, application=application, actor=request.actor)
    if data is None:
        return _show(request, application, step, form)
    if _is_autosave(request):
        form.save(settles=False)
        return JsonResponse(
            {
                "saved_at": application.changed_at.isoformat(),
                "errors": {name: list(errors) for name, errors in form.errors.items()},
                "fields": {"seen": form.data["seen"]},
            }
        )
    if form.save():
        editing.tell(request)
        return redirect(_onward(request, application, step))
    return _show(request, application, step, form, status=422)


def _onward(request, application, step) -> str:
    """Return where the person goes after saving."""
    wanted = request.POST.get("next", "")
    if wanted == "site":
        return _url("certification:application_site_add", application)
    if wanted == "later":
        return application.get_absolute_url()
    back = BACK.get(request.GET.get("back", ""))
    if back:
        return _url(back, application)
    following = step_after(step)
    if following is None:
        return _url("certification:application_check", application)
    return _url("certification:application_step", application, following.slug)


def _url(name: str, application, *args) -> str:
    return reverse(name, args=[application.pk, *args])


def _show(request, application, step, form, *, status=200, template="step", **more):
    """Render a page of the draft, with the other parts beside it."""
    dossier = dossier_of(application)
    tasks = tasks_of(application, dossier)
    own = next(task for task in tasks if task.step is step)
    asked = [row for row in open_requests(application) if row.field in step.fields]
    context = {
        "application": application,
        "step": step,
        "number": STEPS.index(step) + 1,
        "total": len(STEPS),
        "form": form,
        "tasks": task_rows(application, tasks),
        # Where nothing can be typed, what is missing is a problem too.
        "problems": [need for need in own.needs if need.wrong or form is None],
        "requests": [{"field": row.field, "label": LABELS[row.field], "reason": row.reason}
                     for row in asked],
        "onward": _onward(request, application, step),
        **more,
    }  # fmt: skip
    page = f"certification/application_{template}.html"
    return render(request, page, context, status=status)


def task_rows(application, tasks, asked=frozenset()) -> list[dict]:
    """Return the steps for the task list; ``asked`` are fields with a question to answer."""
    rows = []
    for task in tasks:
        row = {
            "title": task.step.title,
            "url": _url("certification:application_step", application, task.step.slug),
            "hint": task.step.hint,
            "state": task.state,
            "slug": task.step.slug,
        }
        if task.state == DONE and asked & set(task.step.fields):
            row |= {"state": STARTED, "label": _("Question to answer")}
        rows.append(row)
    return rows


def _organisation(request, application, step):
    """Show the facts of the organisation, which are kept at one place only."""
    if request.method == "POST":
        return redirect(_onward(request, application, step))
    dossier = dossier_of(application)
    part = next(part for part in sections(snapshot_of(application, dossier)) if part.step is step)
    edit = reverse("organisations:edit", args=[application.enterprise_id])
    return _show(
        request,
        application,
        step,
        None,
        template="organisation",
        rows=part.rows,
        edit=f"{edit}?{urlencode({'next': request.get_full_path()})}"
        if ADMINISTERS(request.actor, application.enterprise)
        else "",
    )


def _documents(request, application, step):
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*posted)
    form.offer_files(request.actor)
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        try:
            application_attach(
                application=application,
                actor=request.actor,
                kind=facts["kind"],
                given=facts["upload"],
            )
        except ValidationError as error:
            form.add_error("upload", error)
        else:
            messages.success(request, _("The document is attached."))
            return redirect(request.get_full_path())
    status = 422 if form.is_bound else 200
    rows = [
        {"attachment": row, "kind": DocumentKind(row.label).label}
        for row in dossier_of(application).documents
    ]
    if not rows:
        # One is needed: adding it comes before going on.
        form.submit_class = "btn-primary"
    return _show(
        request, application, step, form, status=status, template="documents", documents=rows
    )


_PAGES = {"organisation": _organisation, "documents": _documents}


@require_POST
@needs(IN_ENTERPRISE)
def document_remove(request, pk, attachment):
    """Take a document out of a draft."""
    application = own_application(request, pk)
    rows = files.attachments_of(application).filter(label__in=DocumentKind.values)
    row = get_object_or_404(rows, pk=attachment)
    try:
        application_detach(application=application, actor=request.actor, attachment=row)
    except WorkflowRefusal as refusal:
        return _refuse(request, application, str(refusal))
    messages.success(request, _("The document is no longer part of the application."))
    return redirect(_url("certification:application_step", application, "documents"))


@require_http_methods(METHODS)
@needs(OWNER)
def site_add(request, pk):
    """Register a new site of the organisation and count it in."""
    application = own_application(request, pk)
    if not application.is_editable:
        return _refuse(request, application, _closed(application))
    form = SiteForm.of(application.enterprise, request.POST or None)
    form.submit_label = _("Save and add to the application")
    if form.is_bound and form.is_valid():
        application_add_site(application=application, actor=request.actor, facts=form.cleaned_data)
        messages.success(request, _("The site is saved and part of the application."))
        return redirect(_url("certification:application_step", application, "sites"))
    context = {"application": application, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "certification/application_site.html", context, status=status)
