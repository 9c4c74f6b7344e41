from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from certification.art import fingerprint_text, rosette
from certification.enums import CertificateStatus, Dimension
from certification.queries.evaluations import published_mean
from certification.queries.mergers import former_holders
from foundation import throttle
from foundation.access import public
from foundation.exports import csv_response
from foundation.formatting import day
from foundation.inline_css import inline_styles
from foundation.views.files import serve
from schemes.models import BodyApproval
from schemes.queries.standing import area_ranges
from verification import queries, record
from verification.texts import ANSWERS, status_on

SHEETS = ("css/tokens.css", "css/public.css")
PER_PAGE = 50
FRESH = 60
RECORDS = 10
MONTHS = 12


@require_safe
@public
@cache_control(public=True, max_age=FRESH)
@inline_styles(*SHEETS)
def certificate(request, code):
    """The public page of a certificate, the target of its QR code: one request, no script."""
    found = queries.certificate_by_code(code)
    if found is None:
        context = {"words": code, "near": [], "now": timezone.now()}
        return render(request, "verification/no_match.html", context, status=404)
    now = timezone.now()
    if not queries.vouches_for(found):
        context = {"words": found.number, "now": now}
        return render(request, "verification/not_vouched.html", context, status=503)
    today = timezone.localdate(now)
    status = status_on(found, today)
    revision = queries.in_force(found)
    chinese = (get_language() or "").startswith("zh")
    answer = ANSWERS[status]
    word, other = (answer.zh, answer.en) if chinese else (answer.en, answer.zh)
    context = {
        "certificate": found,
        "status": status,
        "answer": answer,
        "word": word,
        "other": other,
        "other_lang": "en" if chinese else "zh-Hans",
        "other_scope": found.scope_en if chinese else found.scope_zh,
        "is_valid": status == CertificateStatus.VALID,
        "left": time_left(today, found.expires_on),
        "now": now,
        "revision": revision,
        "rosette": rosette(revision.digest, label=_("Pattern drawn from the certificate's digest")),
        "fingerprint": fingerprint_text(revision.digest),
        "host": queries.address_of(found).split("/")[2],
        "lapsed": queries.lapsed_of(found, status, today),
        "events": [_line(event) for event in found.events.all()],
        "since": next((e for e in found.events.all() if e.after == status), None),
        "former": former_holders(found),
    }
    return render(request, "verification/certificate.html", context)


def time_left(today: date, end: date) -> str:
    """Say in years and months how long a certificate still runs; empty when it has ended."""
    months = (end.year - today.year) * MONTHS + end.month - today.month - (end.day < today.day)
    if end < today:
        return ""
    if months < 1:
        days = (end - today).days
        return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    years, months = divmod(months, MONTHS)
    parts = []
    if years:
        parts.append(ngettext("%(n)s year", "%(n)s years", years) % {"n": years})
    if months:
        parts.append(ngettext("%(n)s month", "%(n)s months", months) % {"n": months})
    return _("%(time)s left") % {"time": _(" and ").join(parts)}


def _line(event) -> dict:
    """Say one event of the history: what it became and why, in one sentence."""
    answer = ANSWERS[event.after]
    chinese = (get_language() or "").startswith("zh")
    text = event.get_cause_display()
    if event.before not in ("", event.after):
        restored = event.after == CertificateStatus.VALID
        word = _("Reinstated") if restored else answer.zh if chinese else answer.en
        text = _("%(word)s: %(cause)s") % {
            "word": word,
            "cause": text if chinese else text[0].lower() + text[1:],
        }
    if event.until:
        text = _("%(text)s, until %(date)s") % {"text": text, "date": day(event.until)}
    return {"on": event.on, "kind": answer.kind, "text": text}


@require_safe
@public
@cache_control(public=True, max_age=FRESH)
def certificate_json(request, code):
    """The same facts for programs."""
    found = queries.certificate_by_code(code)
    if found is None:
        problem = {"type": "about:blank", "title": "No such certificate", "status": 404}
        return JsonResponse(problem, status=404, content_type="application/problem+json")
    if not queries.vouches_for(found):
        problem = {"type": "about:blank", "title": "Not vouched for at the moment", "status": 503}
        return JsonResponse(problem, status=503, content_type="application/problem+json")
    answer = JsonResponse(queries.facts(found), json_dumps_params={"ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
@public
def certificate_pdf(request, code):
    """The PDF of a certificate in force; nobody hands out paper that is not valid."""
    found = queries.certificate_by_code(code)
    if found is None or status_on(found, timezone.localdate()) != CertificateStatus.VALID:
        raise Http404
    if not queries.vouches_for(found):
        # Missing or changed: the page of the certificate says what that means.
        return redirect("verification:certificate", code=code)
    try:
        return serve(queries.in_force(found).file)
    except OSError:
        # Since it was last found whole.
        return redirect("verification:certificate", code=code)


@require_safe
@public
def check_record(request, code):
    """The check record of this moment as PDF; limited, for it costs more than a page."""
    found = queries.certificate_by_code(code)
    if found is None:
        raise Http404
    if not queries.vouches_for(found):
        return redirect("verification:certificate", code=code)
    if not throttle.allow(request, "check_record", amount=RECORDS, seconds=60):
        return HttpResponse(
            _("Too many check records in a minute. Wait a moment and try again."),
            status=429,
            headers={"Retry-After": "60", "Content-Type": "text/plain; charset=utf-8"},
        )
    data = record.check_record(found, settings.PORTAL_NAME, language=get_language())
    response = HttpResponse(data, content_type="application/pdf")
    name = f"check-{queries.key_of(found.number)}-{timezone.localdate().isoformat()}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@require_safe
@public
@inline_styles(*SHEETS)
def verify(request):
    """Look a certificate up by number, code, identifier or the holder's name."""
    words = request.GET.get("q", "")
    if not words.strip():
        return render(request, "verification/verify.html")
    lookup = queries.find(words)
    if lookup.only is not None:
        return redirect("verification:certificate", code=lookup.only.code)
    today = timezone.localdate()
    if lookup.certificates:
        context = {"lookup": lookup, "rows": [_row(row, today) for row in lookup.certificates]}
        return render(request, "verification/results.html", context)
    context = {"words": lookup.words, "near": lookup.near, "now": timezone.now()}
    return render(request, "verification/no_match.html", context, status=404)


def _row(certificate, today) -> dict:
    answer = ANSWERS[status_on(certificate, today)]
    chinese = (get_language() or "").startswith("zh")
    word = answer.zh if chinese else answer.en
    return {"certificate": certificate, "kind": answer.kind, "icon": answer.icon, "word": word}


@require_safe
@public
def directory(request):
    """The certification bodies with their published ratings, and the certified organisations."""
    words = request.GET.get("q", "")
    page = Paginator(queries.holders(words), PER_PAGE).get_page(request.GET.get("page"))
    bodies = list(queries.bodies())
    ratings = queries.ratings_of(bodies)
    context = {
        "page": page,
        "q": words,
        "bodies": [{"body": body, "rating": ratings.get(body.pk)} for body in bodies],
    }
    return render(request, "verification/directory.html", context)


@require_safe
@public
def directory_export(request):
    """Export the certified organisations that the directory shows, all pages."""
    rows = queries.holders(request.GET.get("q", ""))
    header = (_("Name in Chinese"), _("Name in English"), _("Identifier"), _("Valid certificates"))
    lines = ((r.name_zh, r.name_en, r.identifier, r.valid_certificates) for r in rows.iterator())
    return csv_response("certified-organisations", header, lines)


@require_safe
@public
@inline_styles(*SHEETS)
def holder(request, pk):
    """Everything that was issued to one organisation."""
    found = queries.holders().filter(pk=pk).first()
    if found is None:
        found = get_object_or_404(queries.holders(), pk=getattr(queries.went_to(pk), "pk", None))
        return redirect("verification:holder", found.pk)
    today = timezone.localdate()
    rows = [_row(row, today) for row in queries.certificates_of(found)]
    return render(request, "verification/holder.html", {"holder": found, "rows": rows})


@require_safe
@public
def body(request, pk):
    """A certification body: approval, schemes and areas, and how its clients rate it."""
    found = get_object_or_404(queries.bodies(), pk=pk)
    approvals = (
        BodyApproval.objects.filter(body=found)
        .on_record(timezone.localdate())
        .select_related("scheme")
        .prefetch_related("areas")
    )
    rating = published_mean(found)
    context = {
        "body": found,
        "approvals": [(row, area_ranges(row.areas.all())) for row in approvals],
        "rating": rating,
        "dimensions": [
            {"label": Dimension(name).label, "mean": mean}
            for name, mean in (rating.dimensions if rating else {}).items()
        ],
    }
    return render(request, "verification/body.html", context)
