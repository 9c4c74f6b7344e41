"""Who may be on the team of an audit, and what the team lacks."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Count, F, Q, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audits.enums import AUDITING_ROLES, ENDED, AuditStatus, Mode, TeamRole
from audits.models import AuditMember, PlanItem
from certification.enums import AuditLanguage, CertificateStatus, Part
from certification.models import Certificate
from certification.services.decisions import deciders
from foundation.calendar import add_months
from foundation.formatting import day_range
from foundation.workflow import Blocker
from organisations.models import Membership
from schemes.enums import CompetenceRole
from schemes.queries import book_of, competences_in_force, team_gaps

FREE = (*ENDED, AuditStatus.PLANNED)
COMPETENCE_OF = {
    TeamRole.LEAD: CompetenceRole.LEAD_AUDITOR,
    TeamRole.AUDITOR: CompetenceRole.AUDITOR,
    TeamRole.EXPERT: CompetenceRole.TECHNICAL_EXPERT,
}
_HELD_AS = {
    CompetenceRole.LEAD_AUDITOR: (TeamRole.LEAD, TeamRole.AUDITOR, TeamRole.EXPERT),
    CompetenceRole.AUDITOR: (TeamRole.AUDITOR, TeamRole.EXPERT),
    CompetenceRole.TECHNICAL_EXPERT: (TeamRole.EXPERT,),
}
# Their presence needs no competence (ISO/IEC 17021-1:2015 9.2.2.1.4, 9.2.2.2).
ANYBODY = (TeamRole.TRAINEE, TeamRole.OBSERVER)


def required_of(audit) -> dict:
    """Return the schemes of an audit with their technical areas, from the application."""
    application = audit.case.application
    if application is None:
        return {}
    rows = application.schemes.select_related("scheme").prefetch_related("areas")
    wanted = {edition.scheme_id for edition in audit.editions.all()}
    return {row.scheme: list(row.areas.all()) for row in rows if row.scheme_id in wanted}


@dataclass(frozen=True)
class Standing:
    """How one person stands towards an audit: what is held, what is lacking, what forbids it.

    ``covers`` and ``lacks`` are words such as ``QMS 18``; ``reasons`` say why the person may not
    be on the team, without telling for whom he or she works otherwise.
    """

    roles: tuple[str, ...]
    covers: tuple[str, ...]
    lacks: tuple[str, ...]
    reasons: tuple[str, ...]
    registration: str = ""
    languages: tuple[str, ...] = ()


class Bench:
    """The people of a body as candidates for one audit; a fixed number of queries for all."""

    def __init__(self, audit, people):
        self.audit = audit
        self.people = list(people)
        self.ids = [person.pk for person in self.people]
        self.rules = book_of(audit.case.rule_set)
        self.required = required_of(audit)
        self.first = audit.starts_on or timezone.localdate()
        self.last = audit.ends_on or self.first

    def standing(self, person, role: str = TeamRole.AUDITOR) -> Standing:
        """Judge one person; ``role`` decides which limits count."""
        rows = self._competences.get(person.pk, [])
        held = {(row.scheme.code, area.code) for row in rows for area in row.areas.all()}
        wanted = [
            (scheme.code, area.code) for scheme, areas in self.required.items() for area in areas
        ]
        return Standing(
            roles=self._roles(rows),
            covers=tuple(f"{s} {a}" for s, a in wanted if (s, a) in held),
            lacks=tuple(f"{s} {a}" for s, a in wanted if (s, a) not in held),
            reasons=self.reasons(person, role),
            registration=next((row.registration_number for row in rows), ""),
            languages=_languages({code for row in rows for code in row.languages}),
        )

    def reasons(self, person, role: str) -> tuple[str, ...]:
        """Say what keeps a person off the team, competence apart."""
        found = [*self.conflicts(person), *self._bookings(person)]
        if role in AUDITING_ROLES:
            found += [*self._too_many_days(person), *self._too_many_certificates(person)]
        return tuple(found)

    @staticmethod
    def _roles(rows) -> tuple[str, ...]:
        found = {role for row in rows for role in _HELD_AS.get(row.role, ())}
        return tuple(role for role in TeamRole if role in found or role in ANYBODY)

    @cached_property
    def _competences(self):
        found = defaultdict(list)
        rows = competences_in_force(body=self.audit.body, on=self.first, until=self.last)
        schemes = [scheme.pk for scheme in self.required]
        for row in rows.filter(user__in=self.ids, scheme__in=schemes, role__in=_HELD_AS):
            found[row.user_id].append(row)
        return found

    # Impartiality

    def conflicts(self, person):
        """Yield what forbids a person any part in this audit (ISO/IEC 17021-1:2015 5.2)."""
        member = self._members.get(person.pk)
        if member is not None and member.no_conflict is False:
            yield _("declared a conflict of interest")
        if person.pk in self._came_from_client:
            years = self.rules.value("consultancy_years")
            yield _("belonged to this enterprise within the last %(years)s years") % {
                "years": years
            }
        if person.pk in self._deciders:
            yield _("decided on this case in this cycle")

    @cached_property
    def _members(self):
        return {member.user_id: member for member in self.audit.members.all()}

    @cached_property
    def _came_from_client(self):
        years = int(self.rules.value("consultancy_years") or 0)
        since = datetime.combine(
            add_months(self.first, -12 * years), time.min, timezone.get_current_timezone()
        )
        rows = Membership.objects.filter(
            Q(ended_at=None) | Q(ended_at__gte=since),
            organisation_id=self.audit.enterprise_id,
            user__in=self.ids,
        )
        return set(rows.values_list("user_id", flat=True))

    @cached_property
    def _deciders(self):
        return deciders(self.audit.case_id, self.audit.cycle)

    # Time

    def _bookings(self, person):
        if not self.audit.starts_on:
            return
        for other in self._others.get(person.pk, []):
            start, end = max(other.starts_on, self.first), min(other.ends_on, self.last)
            if start <= end:
                yield _("booked elsewhere on %(days)s") % {"days": day_range(start, end)}

    @cached_property
    def _others(self):
        """Map each person to the other audits of the years concerned, of any body."""
        found = defaultdict(list)
        rows = (
            AuditMember.objects.filter(
                user__in=self.ids,
                audit__starts_on__lte=date(self.last.year, 12, 31),
                audit__ends_on__gte=date(self.first.year, 1, 1),
            )
            .exclude(audit__status__in=FREE)
            .exclude(audit=self.audit)
            .select_related("audit")
            .order_by("audit__starts_on")
        )
        for row in rows:
            row.audit.held_as = row.role
            found[row.user_id].append(row.audit)
        return found

    def _too_many_days(self, person):
        limit = self.rules.value("auditor_onsite_days_per_year")
        if limit is None or not self.audit.starts_on or self.audit.mode == Mode.REMOTE:
            return
        for year in range(self.first.year, self.last.year + 1):
            days = self._days_on_site(person, year) | set(_span(self.audit, year))
            if len(days) > int(limit):
                yield _("would reach %(days)s on-site days in %(year)s, %(limit)s are allowed") % {
                    "days": len(days),
                    "year": year,
                    "limit": limit,
                }

    def _days_on_site(self, person, year: int) -> set[date]:
        days = set()
        for other in self._others.get(person.pk, []):
            if other.mode == Mode.REMOTE or other.held_as not in AUDITING_ROLES:
                continue
            planned = self._planned.get(other.pk)
            if planned is None:
                days.update(_span(other, year))
            else:
                days.update(
                    on for user, on in planned if user in (None, person.pk) and on.year == year
                )
        return days

    @cached_property
    def _planned(self):
        """Map each of those audits with a timetable to its (person or None, day on site)."""
        found = defaultdict(set)
        ids = {audit.pk for audits in self._others.values() for audit in audits}
        rows = PlanItem.objects.filter(audit__in=ids, remote=False)
        for audit_id, user_id, on in rows.values_list("audit_id", "member_id", "day"):
            found[audit_id].add((user_id, on))
        return found

    def _too_many_certificates(self, person):
        limit = self.rules.value("auditor_certificates")
        count = self._certificates.get(person.pk, 0)
        if limit is not None and count >= int(limit):
            yield _("answers for %(count)s valid certificates, %(limit)s are allowed") % {
                "count": count,
                "limit": limit,
            }

    @cached_property
    def _certificates(self):
        rows = (
            Certificate.objects.filter(
                status=CertificateStatus.VALID,
                case__involvements__part=Part.AUDIT,
                case__involvements__user__in=self.ids,
                case__involvements__cycle=F("case__cycle"),
            )
            .exclude(case_id=self.audit.case_id)
            .values_list("case__involvements__user")
            .annotate(count=Count("pk", distinct=True))
        )
        return dict(rows)


def _languages(codes) -> tuple:
    """Name languages in the order people expect them."""
    return tuple(language.label for language in AuditLanguage if language in codes)


def _span(audit, year: int):
    """Yield the days of an audit within a year."""
    for offset in range((audit.ends_on - audit.starts_on).days + 1):
        on = audit.starts_on + timedelta(days=offset)
        if on.year == year:
            yield on


def hold_people(audit) -> None:
    """Lock the people of a team until the transaction ends, so that nobody is booked twice."""
    ids = audit.members.values_list("user_id", flat=True)
    list(get_user_model().objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))


def team_blockers(audit, bench: Bench | None = None):
    """Yield everything that keeps this team from being proposed.

    Competence per ISO/IEC 17021-1:2015 9.2.2, impartiality per 5.2. A ``bench`` that holds the
    members already saves asking again.
    """
    url = reverse("audits:planning", args=[audit.pk])
    prefetch_related_objects([audit], "members__user")
    members = list(audit.members.all())
    bench = bench or Bench(audit, [member.user for member in members])
    if audit.starts_on:
        for gap in _gaps(audit, members, bench.required):
            yield Blocker(gap.message, url)
    elif not any(member.role == TeamRole.LEAD for member in members):
        yield Blocker(_("Nobody leads the team."), url)
    for member in members:
        for reason in bench.reasons(member.user, member.role):
            yield Blocker(
                _("%(person)s: %(reason)s") % {"person": member.user, "reason": reason}, url
            )
        if member.declared_at is None:
            yield Blocker(
                _("%(person)s has not yet declared to be without a conflict of interest.")
                % {"person": member.user},
                url,
            )


def _gaps(audit, members, required) -> list:
    return team_gaps(
        body=audit.body,
        required=required,
        team=[(m.user, COMPETENCE_OF[m.role]) for m in members if m.role in COMPETENCE_OF],
        first_day=audit.starts_on,
        last_day=audit.ends_on,
        languages=[audit.language],
    )


def competence_gaps(audit) -> int:
    """Count what the team lacked in competence on the days of the audit."""
    return len(_gaps(audit, list(audit.members.select_related("user")), required_of(audit)))
