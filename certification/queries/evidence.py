"""What the portal itself knows about each point of an application review, as facts to show.

A fact is what ``components/summary_list.html`` takes: label, value, and as wanted sub, url, kind.
"""

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification.enums import (
    AuditLanguage,
    CertificateStatus,
    Criterion,
    TransferCriterion,
)
from certification.models import Application
from certification.queries import review as queries
from certification.services.certificate_content import verify_url
from certification.services.transfers import open_majors, registered
from foundation.formatting import day
from organisations.identifiers import clean_identifier
from organisations.lookalikes import borrowed

_GOOD, _BAD, _MIND = "valid", "problem", "waiting"


def evidence_for(application: Application) -> dict[str, list[dict]]:
    """Return the facts beside each point of the review, as of today."""
    facts = queries.facts_of(application)
    return {
        Criterion.INFORMATION: [
            *_identity(application.enterprise, facts.on),
            _operation(facts),
            *_relations(application),
        ],
        Criterion.SCOPE: [_approval(cover) for cover in facts.coverage] or [_no_area()],
        Criterion.COMPETENCE: _competence(facts) or [_no_area()],
        Criterion.AUDIT_TIME: _audit_time(facts),
        Criterion.LANGUAGE: _languages(facts),
        Criterion.SAFETY: _safety(facts),
        Criterion.IMPARTIALITY: _impartiality(facts),
        **_transfer(application),
    }


def _transfer(application: Application) -> dict[TransferCriterion, list[dict]]:
    """Return what this portal knows of the certificate to be taken over (IAF MD 2)."""
    found = registered(application)
    label = _("Register of this portal")
    unknown = [_fact(label, _("Not registered here"), _MIND, _("Check it with the issuing body."))]
    if found is None:
        return dict.fromkeys(TransferCriterion, unknown)
    public = verify_url(found.code)
    own = found.enterprise_id == application.enterprise_id
    same_end = found.expires_on == application.previous_expires_on
    status = _fact(
        label,
        found.get_status_display(),
        _GOOD if found.status == CertificateStatus.VALID else _BAD,
        url=public,
    )
    ends = _fact(_("Expires on"), day(found.expires_on), _GOOD if same_end else _BAD)
    holder = _fact(_("Holder"), found.holder, _GOOD if own else _BAD, found.holder_identifier)
    majors = open_majors(found) if own else None  # nobody learns them by naming a number
    counted = _fact(_("Major nonconformities open"), majors, _BAD if majors else _GOOD)
    return {
        TransferCriterion.CERTIFICATE: [
            holder,
            _fact(_("Issued by"), found.body.name, _MIND, found.scheme.title),
        ],
        TransferCriterion.VALIDITY: [status, ends],
        TransferCriterion.REASON: [],
        TransferCriterion.REPORTS: [counted] if own else [holder],
        TransferCriterion.MATTERS: [],
        TransferCriterion.CYCLE: [ends],
    }


def _fact(label, value, kind="", sub="", url="") -> dict:
    return {"label": label, "value": value, "kind": kind, "sub": sub, "url": url}


def _identity(enterprise, on) -> list[dict]:
    try:
        clean_identifier(str(enterprise.country), enterprise.identifier)
        identifier = _fact(_("Identifier"), _("Check characters right"), _GOOD)
    except ValidationError as error:
        identifier = _fact(_("Identifier"), " ".join(error.messages), _BAD)
    until = enterprise.licence_valid_until
    if until is None:
        licence = _fact(_("Licence"), _("Long-term"), _GOOD)
    elif until >= on:
        licence = _fact(_("Licence"), _("Valid until %(date)s") % {"date": day(until)}, _GOOD)
    else:
        licence = _fact(_("Licence"), _("Expired on %(date)s") % {"date": day(until)}, _BAD)
    names = queries.names_like(enterprise)
    return [
        identifier,
        licence,
        *_listings(enterprise),
        _namesakes(names["same"]),
        *_lookalikes(enterprise, names["alike"]),
    ]


def _listings(enterprise) -> list[dict]:
    label = _("Dishonesty lists")
    found = [
        _fact(
            label,
            _("Listed since %(date)s") % {"date": day(row.listed_on)},
            _BAD,
            f"{row.reason} ({row.source})",
        )
        for row in queries.listings_of(enterprise)
    ]
    return found or [_fact(label, _("Not listed"), _GOOD)]


def _namesakes(count: int) -> dict:
    if not count:
        return _fact(_("Same name"), _("No other enterprise"), _GOOD)
    value = ngettext("%(count)s other enterprise", "%(count)s other enterprises", count)
    return _fact(
        _("Same name"),
        value % {"count": count},
        _MIND,
        _("Registered under the same name with another identifier. Compare the licences."),
    )


def _lookalikes(enterprise, count: int) -> list[dict]:
    """Say when the name could be taken for another's; a good name needs no line."""
    letters = borrowed(enterprise.name_en) + borrowed(enterprise.name_zh)
    if not count and not letters:
        return []
    value = ngettext("%(count)s other enterprise", "%(count)s other enterprises", count)
    told = [_("The name could be taken for another. Compare the licences.")] if count else []
    if letters:
        codes = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in letters)
        told.append(_("Not the letters they look like: %(letters)s") % {"letters": codes})
    return [
        _fact(
            _("Look-alike name"),
            value % {"count": count} if count else _("Unusual letters"),
            _MIND,
            " ".join(map(str, told)),
        )
    ]


def _operation(facts) -> dict:
    months = facts.months_in_operation
    least = int(facts.rules.number("system_run_months"))
    label = _("System in operation")
    if months is None:
        return _fact(label, _("Not stated"), _BAD)
    value = ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    sub = _("At least %(count)s months are required.") % {"count": least} if least else ""
    return _fact(label, value, _GOOD if months >= least else _BAD, sub)


def _relations(application) -> list[dict]:
    facts = [
        _fact(_("Other application"), row.number, sub=row.get_status_display(), url="")
        for row in queries.other_applications(application)
    ]
    for row in queries.known_certificates(application):
        kind = _GOOD if row.status == CertificateStatus.VALID else _MIND
        label = _("Certificate %(number)s") % {"number": row.number}
        sub = f"{row.scheme.title}, {row.body.name}"
        facts.append(_fact(label, row.get_status_display(), kind, sub))
    return facts or [_fact(_("Other applications and certificates"), _("None known here"))]


def _approval(cover) -> dict:
    label = f"{cover.scheme} · {cover.area}"
    if not cover.approved:
        return _fact(label, _("Body not approved"), _BAD)
    if cover.approved_until is None:
        return _fact(label, _("Body approved"), _GOOD)
    value = _("Body approved until %(date)s") % {"date": day(cover.approved_until)}
    return _fact(label, value, _GOOD)


def _no_area() -> dict:
    return _fact(_("Technical areas"), _("None chosen"), _BAD)


def _competence(known) -> list[dict]:
    least = int(known.rules.number("area_auditors_min"))
    facts = []
    for cover in known.coverage:
        enough = cover.auditors >= least and cover.certifiers
        auditors = ngettext("%(count)s auditor", "%(count)s auditors", cover.auditors)
        leads = _("%(count)s of them may lead") % {"count": cover.leads}
        certifiers = ngettext("%(count)s certifier", "%(count)s certifiers", cover.certifiers)
        facts.append(
            _fact(
                f"{cover.scheme} · {cover.area}",
                auditors % {"count": cover.auditors},
                _GOOD if enough else _BAD,
                f"{leads}; {certifiers % {'count': cover.certifiers}}",
            )
        )
    for scheme in known.required:
        people = known.deciders(scheme)
        facts.append(
            _fact(
                _("%(scheme)s: can decide") % {"scheme": scheme},
                ", ".join(user.name for user in people) or _("Nobody but the reviewer"),
                "" if people else _BAD,
            )
        )
    return facts


def _audit_time(known) -> list[dict]:
    url = reverse("certification:audit_time", args=[known.application.pk])
    label = _("Audit time")
    if known.calculation is None:
        return [_fact(label, _("Not computed yet"), _MIND, url=url)]
    days = format(known.calculation.total_days.normalize(), "f")
    is_old = known.calculation_is_old
    return [
        _fact(
            label,
            _("%(days)s days") % {"days": days},
            _MIND if is_old else _GOOD,
            _("Computed for an earlier version of the application") if is_old else "",
            url,
        )
    ]


def _languages(known) -> list[dict]:
    facts = []
    for language, count in known.speakers.items():
        value = ngettext("%(count)s auditor", "%(count)s auditors", count) % {"count": count}
        label = AuditLanguage(language).label
        facts.append(_fact(label, value, _GOOD if count else _BAD))
    return facts or [_fact(_("Languages"), _("None named"), _BAD)]


def _safety(known) -> list[dict]:
    sites = known.versions[-1].snapshot["sites"]
    nights = sum(bool(site["night_shift"]) for site in sites)
    facts = [_fact(_("Sites"), str(len(sites)))]
    if nights:
        facts.append(_fact(_("Sites with a night shift"), str(nights), _MIND))
    return facts


def _impartiality(known) -> list[dict]:
    application = known.application
    years = int(known.rules.number("consultancy_years"))
    facts = []
    review = getattr(application, "review", None)
    if review is not None and review.no_conflict:
        name = application.reviewer.name
        value = _("%(name)s declared no conflict of interest") % {"name": name}
        facts.append(_fact(_("Reviewer"), value))
    label = _("Consultancy by this body")
    if not known.is_advised_by_body:
        return [*facts, _fact(label, _("None named"), _GOOD)]
    free = known.free_from
    if free is not None and free <= known.on:
        sub = _("It ended more than %(years)s years ago.") % {"years": years}
        return [*facts, _fact(label, _("Long enough ago"), _GOOD, sub)]
    sub = (
        _("Certification is possible from %(date)s.") % {"date": day(free)}
        if free
        else _("It has not ended.")
    )
    return [*facts, _fact(label, _("Within %(years)s years") % {"years": years}, _BAD, sub)]
