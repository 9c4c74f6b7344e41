import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.enums import FAILING, AuditStatus
from audits.forms.checklists import ItemForm, PlaceForm
from audits.forms.fields import keep
from audits.queries import checklists, pages
from audits.queries.coverage import audited_of, by_site
from audits.rights import ON_TEAM
from audits.services import checklists as services
from foundation import editing
from foundation.access import needs
from foundation.workflow import StaleState
from organisations.enums import Kind
from organisations.rights import ACTS

_SHOWN = ("open", "contested", "failed", "mine")


def _readable(request, pk):
    """Return an audit whose checklist this person may read, or say why not."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    if request.actor.kind == Kind.ENTERPRISE:
        raise PermissionDenied(
            _("The checklist is the working paper of the team; the report says what it found.")
        )
    return found


def _may_answer(request, audit) -> bool:
    return audit.status == AuditStatus.IN_PROGRESS and bool(ON_TEAM(request.actor, audit))


@require_safe
@needs(ACTS)
def checklist(request, pk):
    """Show the whole checklist: how far it is, what is open, by clause, site or person."""
    found = _readable(request, pk)
    items = checklists.items_of(found)
    by = request.GET.get("by") if request.GET.get("by") in ("site", "person") else "clause"
    shown = request.GET.get("show") if request.GET.get("show") in _SHOWN else ""
    user = request.actor.user
    kept = [item for item in items if _is_shown(item, shown, user)]
    waiting = [item for item in items if not item.verdict]
    mine = [item for item in waiting if checklists.is_mine(item, user)]
    context = {
        "audit": found,
        "items": items,
        "groups": _groups(kept, by),
        "by": by,
        "shown": shown,
        "views": _views(items, shown, by, user),
        "tally": checklists.tally(items),
        "looked_at": len(items) - len(waiting),
        "next": (mine or waiting or [None])[0],
        "can_answer": _may_answer(request, found),
        "coverage": audited_of(found, items),
        "sites": by_site(found, items),
    }
    return render(request, "audits/checklist.html", context)


def _is_shown(item, shown: str, user) -> bool:
    if shown == "open":
        return not item.verdict
    if shown == "contested":
        return item.is_contested
    if shown == "failed":
        return item.verdict in FAILING
    return checklists.is_mine(item, user) if shown == "mine" else True


def _views(items, shown, by, user) -> list[dict]:
    titles = {
        "": _("All questions"),
        "mine": _("Mine"),
        "open": _("Not yet looked at"),
        "failed": _("Failed"),
        "contested": _("Answered differently"),
    }
    return [
        {
            "label": title,
            "url": f"?show={name}&by={by}",
            "current": name == shown,
            "count": sum(_is_shown(item, name, user) for item in items),
            "hot": name == "contested" and any(item.is_contested for item in items),
        }
        for name, title in titles.items()
    ]


def _groups(items, by: str) -> list[dict]:
    """Return items under headings; an item of several people stands under each."""
    groups: dict = {}
    for item in items:
        for heading in _headings(item, by):
            groups.setdefault(heading, []).append(item)
    return [{"heading": heading, "items": rows} for heading, rows in groups.items()]


def _headings(item, by: str) -> list[str]:
    if by == "person":
        return [person.name for person in item.people] or [_("The whole team")]
    if by == "site":
        return [item.place or _("No place on the timetable")]
    if item.earlier is not None:
        return [_("From earlier audits")]
    numbers = [number for _edition, named in item.clauses for number in named]
    return [_("Clause %(number)s") % {"number": numbers[0].partition(".")[0]}] if numbers else [""]


def _found(items, item_pk):
    """Return an item with its neighbours."""
    for n, item in enumerate(items):
        if item.key == item_pk:
            before = items[n - 1] if n else None
            after = items[n + 1] if n + 1 < len(items) else None
            return item, before, after, n + 1
    raise Http404


@needs(ACTS)
def checklist_item(request, pk, item_pk):
    """Answer one question, one to a screen; read what was answered before."""
    found = _readable(request, pk)
    items = checklists.items_of(found)
    item, before, after, number = _found(items, item_pk)
    can_answer = _may_answer(request, found)
    if request.method == "POST" and not can_answer:
        access = ON_TEAM(request.actor, found)
        raise PermissionDenied(
            access.reason or _("The checklist is answered while the audit is in progress.")
        )
    form = ItemForm(
        request.POST or None,
        request.FILES or None,
        item=item,
        before=_address(found, before),
    )
    form.offer_files(request.actor)
    if request.headers.get("X-Autosave"):
        return _autosave(request, found, item, form)
    if request.method == "POST" and form.is_valid():
        if form.says_more(request.actor.user):
            uploads = keep(form.cleaned_data["evidence_files"] or (), request.actor)
            services.answer_item(
                audit=found, item=item, actor=request.actor, evidence_files=uploads, **form.answer
            )
        editing.tell(request)
        return redirect(_onwards(request, found, item, after, form))
    context = {
        "audit": found,
        "item": item,
        "items": items,
        "number": number,
        "before": _address(found, before),
        "after": _address(found, after),
        "tally": checklists.tally(items),
        "looked_at": sum(bool(one.verdict) for one in items),
        "form": form,
        "places": _places(found, item) if can_answer else None,
        "can_answer": can_answer,
        "files": checklists.files_of([item]).get(item.key, []),
        "check_in": found.check_ins.first(),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "audits/checklist_item.html", context, status=status)


def _places(audit, item):
    if item.question is None:
        return None
    action = reverse("audits:checklist_place", args=[audit.pk, item.key])
    return PlaceForm(audit=audit, action=action, prefix="place")


def _address(audit, item) -> str:
    return reverse("audits:checklist_item", args=[audit.pk, item.key]) if item else ""


def _onwards(request, audit, item, after, form) -> str:
    """Lead to the finding that a failure calls for, else to the next question."""
    failed = form.answer["verdict"] in FAILING and item.earlier is None and not item.findings
    if item.earlier is None and (failed or request.POST.get("then") == "finding"):
        return f"{reverse('audits:finding_new', args=[audit.pk])}?item={item.key}"
    return _address(audit, after) or reverse("audits:checklist", args=[audit.pk])


def _autosave(request, audit, item, form):
    """Keep what was typed as an answer of its own; the page goes on with a new identifier."""
    form.is_valid()
    broken = {"verdict", "note", "key", "seen"} & (form.errors.keys() - {"note"})
    if broken or ("note" not in form.cleaned_data and form.data.get("note", "").strip()):
        return JsonResponse({"saved_at": timezone.now().isoformat(), "errors": form.errors})
    row = item.last
    if form.says_more(request.actor.user):
        try:
            row = services.answer_item(audit=audit, item=item, actor=request.actor, **form.answer)
        except StaleState as refusal:
            return JsonResponse({"message": str(refusal)}, status=409)
    saved_at = row.created_at if row else timezone.now()
    fields = {"key": str(uuid.uuid4())}
    return JsonResponse({"saved_at": saved_at.isoformat(), "errors": form.errors, "fields": fields})


@require_POST
@needs(ON_TEAM)
def checklist_place(request, pk, item_pk):
    """Ask a question at another place as well."""
    found = _readable(request, pk)
    if not _may_answer(request, found):
        raise PermissionDenied(_("The checklist is answered while the audit is in progress."))
    items = checklists.items_of(found)
    item, *_rest = _found(items, item_pk)
    form = PlaceForm(request.POST, audit=found, prefix="place")
    if item.question is None or not form.is_valid():
        return redirect("audits:checklist_item", pk=pk, item_pk=item_pk)
    site, department = form.place
    key = checklists.item_key(
        found, question=item.question, site_id=site.pk if site else None, department=department
    )
    if key not in {one.key for one in items}:
        there = checklists.Item(key, item.question, None, site, department, item.clauses)
        services.answer_item(audit=found, item=there, actor=request.actor)
    return redirect("audits:checklist_item", pk=pk, item_pk=key)
