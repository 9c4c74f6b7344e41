"""What fills the columns of the monthly files: facts of one certificate, as of one event."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from certification.enums import (
    SURVEILLANCES,
    ApplicationKind,
    Cause,
    CertificateStatus,
    DecisionKind,
    RevisionStatus,
)
from certification.models import Certificate, CertificateEvent, Decision

_S = CertificateStatus
_NEW = {Cause.ISSUE: "initial", Cause.RENEWAL: "recertification"}
_KIND_OF = {
    _S.SUSPENDED: DecisionKind.SUSPEND,
    _S.WITHDRAWN: DecisionKind.WITHDRAW,
    _S.CANCELLED: DecisionKind.CANCEL,
    _S.VALID: DecisionKind.REINSTATE,
}
_REVISED = (Cause.CORRECTION, Cause.SCOPE, Cause.EXTENSION, Cause.MERGER)
ACCREDITATIONS = ("CNAS", "UKAS", "JAS-ANZ", "ANAB", "RvA", "JAB", "KAB")


@dataclass(frozen=True)
class Line:
    """One row to be: a certificate, and what happened to it on a day of the month.

    ``event`` is a change of the public history; ``decision`` the one that rests on audits and
    changed nothing; without either the certificate is told as it stands at the end.
    """

    certificate: Certificate
    first: date
    last: date
    event: CertificateEvent | None = None
    maintained: Decision | None = None

    @property
    def on(self) -> date:
        """The day of what happened, or the last of the month."""
        if self.event is not None:
            return self.event.on
        return self.maintained.decided_on if self.maintained is not None else self.last

    @cached_property
    def content(self) -> dict:
        """What the certificate said on the day: its last revision issued by then."""
        rows = [
            row
            for row in self.certificate.revisions.all()
            if row.status != RevisionStatus.ISSUING and row.issued_on <= self.on
        ]
        every = rows or list(self.certificate.revisions.all())
        return max(every, key=lambda row: row.revision).content

    @cached_property
    def status(self) -> str:
        """The public status after what happened."""
        events = [row for row in self.certificate.events.all() if row.on <= self.on]
        if self.event is not None:
            return self.event.after
        last = max(events, key=lambda row: (row.on, row.created_at), default=None)
        return last.after if last else self.certificate.status

    @cached_property
    def decision(self) -> Decision | None:
        """The decision behind it; None for what the rules or the calendar brought about."""
        if self.maintained is not None:
            return self.maintained
        if self.event is None:
            return None
        if (self.event.revision and self.event.cause != Cause.ISSUE) or self.event.cause in _NEW:
            for row in self.certificate.revisions.all():
                if row.revision == self.event.revision:
                    return row.decision
        kind = _KIND_OF.get(self.event.after)
        for row in self.certificate.case.decisions.all():
            same = (row.certificate_id, row.decided_on, row.kind)
            if same == (self.certificate.pk, self.event.on, kind):
                return row
        return None

    @cached_property
    def audits(self) -> list:
        """What the audits reported on which that decision rests."""
        if self.decision is None:
            return []
        rows = self.certificate.case.outcomes.all()
        return [row for row in rows if row.decision_id == self.decision.pk and row.last_day]

    @cached_property
    def application(self):
        """The application behind it: the last one sent by then."""
        rows = self.certificate.case.applications.all()
        sent = [row for row in rows if row.submitted_at and row.submitted_at.date() <= self.on]
        return max(sent, key=lambda row: row.submitted_at, default=None)

    @cached_property
    def applied(self):
        """The scheme of this certificate as applied for, or None."""
        rows = self.application.schemes.all() if self.application else ()
        return next((row for row in rows if row.scheme_id == self.certificate.scheme_id), None)

    @property
    def activity(self) -> str:
        """Which activity of certification it was."""
        if self.maintained is not None:
            kinds = {row.kind for row in self.audits}
            return "surveillance" if kinds & set(SURVEILLANCES) else "special"
        return _NEW.get(self.event.cause, "change") if self.event else ""

    @property
    def is_audited(self) -> bool:
        """Tell whether it rests on an audit."""
        return self.activity in ("initial", "recertification", "surveillance", "special")


def _accreditation(line: Line) -> str:
    text = line.content["issuer"].get("accreditation", "")
    known = next((name for name in ACCREDITATIONS if name.lower() in text.lower()), "")
    return known or ("other" if text else "")


def _since(line: Line, status: str) -> CertificateEvent | None:
    """Return the event that brought the status the line tells, when it is this one."""
    if line.status != status:
        return None
    rows = [
        row
        for row in line.certificate.events.all()
        if row.after == status and row.before != status and row.on <= line.on
    ]
    return max(rows, key=lambda row: (row.on, row.created_at), default=None)


def _holder(line: Line, *names: str) -> str:
    holder = line.content["holder"]
    return next((holder[name] for name in names if holder.get(name)), "")


def _former(line: Line) -> str:
    now = _holder(line, "name_zh", "name_en")
    before = {
        row.revision: row.content["holder"].get("name_zh") or row.content["holder"].get("name_en")
        for row in line.certificate.revisions.all()
        if row.revision < line.content["revision"]
    }
    names = [before[number] for number in sorted(before) if before[number] != now]
    return names[-1] if names else ""


def _day_of(text) -> date | None:
    return date.fromisoformat(text) if text else None


def _begun(line: Line) -> date | None:
    days = [_day_of(row.facts.get("starts_on")) for row in line.audits]
    return min((on for on in days if on), default=None)


def _people(line: Line):
    if line.application is None:
        return None
    return sum(
        row.site.day_shift + row.site.second_shift + row.site.night_shift + row.site.part_time
        for row in line.application.sites.all()
    )


def _previous(line: Line, name: str) -> str:
    application = line.application
    if application is None or application.kind != ApplicationKind.TRANSFER:
        return ""
    return getattr(application, name)


def _surveillances(line: Line) -> int:
    begin = line.certificate.case.cycle_starts_on
    return sum(
        row.kind in SURVEILLANCES and bool(row.last_day) and (not begin or begin <= row.last_day)
        and row.last_day <= line.on
        for row in line.certificate.case.outcomes.all()
    )  # fmt: skip


def _renewals(line: Line) -> int:
    rows = line.certificate.events.all()
    return sum(row.cause == Cause.RENEWAL and row.on <= line.on for row in rows)


def _contract(line: Line):
    """Return the signed offer behind what rests on an audit."""
    if not line.is_audited or line.application is None:
        return None
    rows = line.application.offers.all()
    return next((row for row in rows if getattr(row, "signature", None)), None)


def _reissue(line: Line):
    return line.event if line.event and line.event.cause in _REVISED else None


def _cause(event) -> str:
    return event.get_cause_display() if event else ""


def _sites(line: Line) -> str:
    sites = [
        {
            "street": site["address_en"] or site["address_zh"],
            "scope_description": site["scope_en"] or site["scope_zh"],
        }
        for site in line.content["sites"]
    ]
    return json.dumps(sites, ensure_ascii=False) if sites else ""


def _areas(line: Line) -> str:
    return ",".join(area.code for area in line.applied.areas.all()) if line.applied else ""


# Each returns what is recorded: a text, a number, a day, or nothing.
FACTS = {
    "body_approval": lambda line: line.content["issuer"]["approval_number"],
    "holder_name": lambda line: _holder(line, "name_zh", "name_en"),
    "holder_name_en": lambda line: _holder(line, "name_en"),
    "former_name": _former,
    "identifier": lambda line: line.certificate.holder_identifier,
    "accreditation": _accreditation,
    "accreditation_text": lambda line: line.content["issuer"].get("accreditation", ""),
    "accreditation_acronym": lambda line: (
        "" if _accreditation(line) == "other" else _accreditation(line)
    ),
    "is_accredited": lambda line: str(bool(line.content["issuer"].get("accreditation"))),
    "country": lambda line: str(line.certificate.enterprise.country.code),
    "country_number": lambda line: (
        f"{line.certificate.enterprise.country.numeric:03}"
        if line.certificate.enterprise.country.numeric
        else ""
    ),
    "region": lambda line: line.certificate.enterprise.region,
    "address": lambda line: _holder(line, "address_zh", "address_en"),
    "phone": lambda line: line.certificate.enterprise.phone,
    "website": lambda line: line.certificate.enterprise.website,
    "legal_representative": lambda line: line.certificate.enterprise.legal_representative,
    "staff_in_system": lambda line: _people(line) or None,
    "first_issued_on": lambda line: line.certificate.first_issued_on,
    "number": lambda line: line.certificate.number,
    "is_multi_site": lambda line: int(len(line.content["sites"]) > 1),
    "scheme": lambda line: line.certificate.scheme.code,
    "edition": lambda line: str(line.certificate.edition),
    "edition_iso": lambda line: line.content["standard"]["iso"],
    "areas": _areas,
    "scope": lambda line: line.content["scope_zh"] or line.content["scope_en"],
    "scope_en": lambda line: line.content["scope_en"] or line.content["scope_zh"],
    "activity": lambda line: line.activity,
    "is_reissue": lambda line: int(_reissue(line) is not None),
    "reissue_reason": lambda line: _cause(_reissue(line)),
    "reissued_on": lambda line: _reissue(line).on if _reissue(line) else None,
    "previous_number": lambda line: _previous(line, "previous_number"),
    "previous_body": lambda line: _previous(line, "previous_body"),
    "recertifications": _renewals,
    "surveillances": _surveillances,
    "audit_from": _begun,
    "audit_to": lambda line: max((row.last_day for row in line.audits), default=None),
    "audit_days": lambda line: sum(row.days_held for row in line.audits) or None,
    "is_combined": lambda line: int(len(line.certificate.case.certificates.all()) > 1),
    "decided_by": lambda line: line.decision.decided_by.name if line.decision else "",
    "fee": lambda line: _contract(line).total if _contract(line) else None,
    "fee_currency": lambda line: _contract(line).currency if _contract(line) else "",
    "risk": lambda line: line.applied.category if line.applied else "",
    "issued_on": lambda line: _day_of(line.content["dates"]["issued_on"]),
    "expires_on": lambda line: _day_of(line.content["dates"]["expires_on"]),
    "status": lambda line: line.status,
    "suspension_reason": lambda line: _cause(_since(line, _S.SUSPENDED)),
    "suspended_from": lambda line: getattr(_since(line, _S.SUSPENDED), "on", None),
    "suspended_to": lambda line: getattr(_since(line, _S.SUSPENDED), "until", None),
    "withdrawal_reason": lambda line: _cause(_since(line, _S.WITHDRAWN)),
    "withdrawn_on": lambda line: getattr(_since(line, _S.WITHDRAWN), "on", None),
    "changed_on": lambda line: line.on,
    "period_from": lambda line: line.first,
    "period_to": lambda line: line.last,
    "sites_json": _sites,
}


def _enterprise_page(line: Line) -> str:
    return line.certificate.enterprise.get_absolute_url()


def _application_page(line: Line) -> str:
    return line.application.get_absolute_url() if line.application else ""


def _audit_page(line: Line) -> str:
    return line.audits[0].url if line.audits else line.certificate.case.get_absolute_url()


# Where what is missing can be recorded; the certificate where nothing else is named.
CURES = {
    "identifier": _enterprise_page,
    "country": _enterprise_page,
    "country_number": _enterprise_page,
    "region": _enterprise_page,
    "phone": _enterprise_page,
    "website": _enterprise_page,
    "legal_representative": _enterprise_page,
    "staff_in_system": _application_page,
    "areas": _application_page,
    "risk": _application_page,
    "audit_from": _audit_page,
    "audit_to": _audit_page,
    "audit_days": _audit_page,
    "decided_by": _audit_page,
    "body_approval": lambda line: line.certificate.body.get_absolute_url(),
}


def cure_of(fact: str, line: Line) -> str:
    """Return the address of the record where a missing fact stands."""
    find = CURES.get(fact)
    return (find(line) if find else "") or line.certificate.get_absolute_url()
