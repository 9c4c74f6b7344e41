"""Pages made of every component with sample data, for the browser to look at and to work with."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from foundation.access import public
from foundation.forms import CleanCharField, CodeField, DateField, Group, PortalForm
from foundation.inline_css import inline_styles
from foundation.tables import Column
from portal import urls as portal_urls

PAGES = Path(__file__).parent / "pages"

# What the pages were sent, for the tests to read.
SENT: list = []
# What the next autosave answers: a status, or None for a save.
ANSWERS: list = []


class SampleForm(PortalForm, forms.Form):
    secondary = ("#back", "Cancel")

    name = CleanCharField(label="Legal name", help_text="As on the licence.")
    kind = forms.ChoiceField(
        choices=[("a", "Initial"), ("b", "Transfer")], widget=forms.RadioSelect
    )
    region = forms.ChoiceField(choices=[("", "Choose"), ("33", "Zhejiang")])
    started = DateField(required=False)
    scope = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))
    licence = forms.FileField(required=False)
    agreed = forms.BooleanField(label="I agree")

    def get_layout(self):
        return Group("Company", "name", "kind"), "region", "started", "scope", "licence", "agreed"


class DraftForm(PortalForm, forms.Form):
    autosave = True
    name = CleanCharField(label="Name", required=False)
    ticked = forms.BooleanField(label="Ticked", required=False)


class UploadForm(PortalForm, forms.Form):
    submit_label = "Send file"
    autosave = True
    confirm_leave = True
    name = CleanCharField(label="Name", required=False)
    file = forms.FileField(label="Evidence")


class SuspendForm(PortalForm, forms.Form):
    submit_label = "Suspend certificate"
    submit_class = "btn-danger"
    number = CodeField(label="Type the certificate number")


def show(request, name, **context):
    source = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    return HttpResponse(Template(source).render(RequestContext(request, context)))


@public
def parts(request):
    today = timezone.localdate()
    day = dt.timedelta(days=1)
    now = timezone.now()
    return show(
        request,
        "parts",
        kinds=["valid", "suspended", "withdrawn", "expired", "cancelled", "reduced", "info",
               "waiting", "draft", "closed", "problem"],
        soon=today + 5 * day, past=today - 9 * day,
        days=[today - 9 * day, today, today + 5 * day, today + 60 * day],
        steps=[{"title": "Application", "state": "done", "when": "2 March", "who": "You"},
               {"title": "Review", "state": "now", "when": "by 5 March", "who": "Body"},
               {"title": "Decision", "state": "todo", "who": "Body"}],
        form=SampleForm({"name": "a\u202eb"}) if "errors" in request.GET else SampleForm(),
        facts=[{"label": "Legal name", "value": "蓝海", "sub": "Lanhai", "url": "#n"},
               {"label": "Website", "value": "", "url": "#w"}],
        tasks=[{"title": state, "url": f"#{state}", "state": state}
               for state in ("done", "started", "todo", "problem", "locked")],
        blockers=[{"message": "NC-01 is open", "url": "#b1"}],
        next=[{"title": "You send", "text": "By 19 June."}],
        entries=[{"at": now, "text": "Closed", "who": "Li Gong", "kind": "closed"}],
        changes=[{"label": "Name", "before": "Old", "after": "New"},
                 {"label": "Scope", "before": "", "after": "Gears"}],
        job=SimpleNamespace(state="failed", progress=0),
        file=SimpleNamespace(name="plan.pdf", size=212_000, sha256="0d" * 32, created_at=now,
                             get_absolute_url="#f"),
        amount=Decimal(18_500),
    )  # fmt: skip


@public
def queue(request):
    columns = [
        Column("Client", field="name", main=True, sort="name"),
        Column("Due", field="due", sort="due"),
        Column("Days", field="days", number=True),
    ]
    rows = [SimpleNamespace(pk=n, name=f"Company {n}", due="9 June", days=n) for n in range(3)]
    views = [{"label": "Mine", "url": "#m", "count": 3, "current": True},
             {"label": "Overdue", "url": "#o", "count": 1, "hot": True}]  # fmt: skip
    page = Paginator(range(90), 25).page(2)
    return show(request, "list", columns=columns, rows=rows, views=views, page=page)


@public
@inline_styles("css/tokens.css", "css/public.css")
def certificate(request):
    return show(request, "public", now=timezone.now())


@public
def confirm(request):
    return show(request, "confirm", form=SuspendForm(), cancel_url="#back")


def kept(request):
    SENT.append({name: request.POST.getlist(name) for name in ("name", "ticked", "_changed")})
    status = ANSWERS.pop(0) if ANSWERS else None
    if status is not None:
        return JsonResponse({"message": "Somebody else sent it."}, status=status)
    return JsonResponse({"saved_at": timezone.now().isoformat(), "errors": {}})


@public
def draft(request):
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return kept(request)
    return show(request, "plain", form=DraftForm())


@public
def upload(request):
    if request.method == "POST" and request.headers.get("X-Autosave"):
        return kept(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        SENT.append(form.cleaned_data["file"].name)
        return HttpResponseRedirect("/gallery/confirm/")
    return show(request, "plain", form=form)


@public
def job(request):
    SENT.append("job")
    state = "running" if len(SENT) < 3 else "done"
    return show(request, "job", job=SimpleNamespace(state=state, progress=30 * len(SENT)))


urlpatterns = [
    path("gallery/parts/", parts),
    path("gallery/list/", queue),
    path("gallery/public/", certificate),
    path("gallery/confirm/", confirm),
    path("gallery/draft/", draft),
    path("gallery/upload/", upload),
    path("gallery/job/", job),
    *portal_urls.urlpatterns,
]
handler500 = portal_urls.handler500
