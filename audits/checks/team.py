"""Who may be on the team of an audit, and what the team lacks."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from audits.checks.declarations import is_stale
from audits.checks.facts import Facts
from audits.enums import AUDITING_ROLES, Mode, TeamRole
from audits.models import Objection
from certification.enums import AuditLanguage
from certification.models import ApplicationScheme
from foundation.calendar import add_months
from foundation.formatting import day_range
from foundation.workflow import Blocker
from schemes.enums import CompetenceRole
from schemes.queries import team_gaps
from schemes.queries.cautions import ending
from schemes.queries.interests import bars_among
from schemes.queries.standing import NOTICE

# What an application asks for; prefetched for many audits, it is not asked again.
SCHEMES = Prefetch(
    "schemes",
    queryset=ApplicationScheme.objects.select_related("scheme").prefetch_related("areas"),
)
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
    prefetch_related_objects([application], SCHEMES)
    wanted = {edition.scheme_id for edition in audit.editions.all()}
    return {
        row.scheme: list(row.areas.all())
        for row in application.schemes.all()
        if row.scheme_id in wanted
    }


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
    """The people of a body as candidates for one audit; a fixed number of queries for all.

    Benches of many audits share what was read for all of them (``facts``), so that the rules
    stand here once.
    """

    def __init__(self, audit, people, facts: Facts | None = None):
        self.audit = audit
        self.people = list(people)
        self.required = required_of(audit)
        self.first = audit.starts_on or timezone.localdate()
        self.last = audit.ends_on or self.first
        self.facts = facts or Facts([audit], self.people, first=self.first, last=self.last)
        self.rules = self.facts.book(audit.case.rule_set)

    def standing(self, person, role: str = TeamRole.AUDITOR) -> Standing:
        """Judge one person; ``role`` decides which limits count."""
        rows = self._competences(person)
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
            languages=_languages(self.languages(person)),
        )

    def languages(self, person) -> set[str]:
        """Return the languages in which a person audits any of this, by their codes."""
        return {code for row in self._competences(person) for code in row.languages}

    def reasons(self, person, role: str) -> tuple[str, ...]:
        """Say what keeps a person off the team, competence apart."""
        found = [*self.conflicts(person), *self._occupied(person)]
        if role in AUDITING_ROLES:
            found += [*self._too_many_days(person), *self._too_many_certificates(person)]
        return tuple(found)

    @staticmethod
    def _roles(rows) -> tuple[str, ...]:
        found = {role for row in rows for role in _HELD_AS.get(row.role, ())}
        return tuple(role for role in TeamRole if role in found or role in ANYBODY)

    def _competences(self, person) -> list:
        """Return what a person holds for this audit on all its days."""
        return [
            row
            for row in self.facts.competences.get(person.pk, [])
            if row.scheme in self.required
            and row.role in _HELD_AS
            and row.valid_from <= self.first
            and row.valid_until >= self.last
        ]

    def cautions(self, person) -> tuple[str, ...]:
        """Say what a person holds for this audit that ends soon after its last day."""
        return tuple(
            str(ending(row, self.last))
            for row in self._competences(person)
            if row.valid_until <= self.last + NOTICE
        )

    # Impartiality

    def conflicts(self, person):
        """Yield what forbids a person any part in this audit (ISO/IEC 17021-1:2015 5.2)."""
        member = self._members.get(person.pk)
        ties = bars_among(
            self.facts.interests.get(person.pk, ()),
            enterprise=self.audit.enterprise,
            on=self.first,
            rules=self.rules,
        )
        for tie in ties:
            yield tie.reason
        if member is not None and member.no_conflict is False and not ties:
            yield _("declared a conflict of interest")
        if person.pk in self._came_from_client:
            years = self.rules.value("consultancy_years")
            yield _("belonged to this enterprise within the last %(years)s years") % {
                "years": years
            }
        if person.pk in self.facts.deciders.get((self.audit.case_id, self.audit.cycle), ()):
            yield _("decided on this case in this cycle")
        if self.audit.is_short_notice and person.pk in self._objected_to:
            yield _(
                "the enterprise objected to this person in this cycle, and cannot object to an "
                "audit at short notice (ISO/IEC 17021-1:2015 9.6.4.2)"
            )

    @cached_property
    def _members(self):
        return {member.user_id: member for member in self.audit.members.all()}

    @cached_property
    def _came_from_client(self):
        years = int(self.rules.value("consultancy_years") or 0)
        return self.facts.belonged_since(self.audit, add_months(self.first, -12 * years))

    @cached_property
    def _objected_to(self):
        rows = Objection.objects.filter(
            audit__case=self.audit.case_id, audit__cycle=self.audit.cycle
        )
        return set(rows.exclude(people=None).values_list("people", flat=True))

    # Time

    def _occupied(self, person):
        """Yield when a person cannot come; of what another body knows, only that.

        An absence and a booking of another body read alike: neither is told from the other.
        """
        if not self.audit.starts_on:
            return
        away = []
        for other in self._others(person):
            span = max(other.starts_on, self.first), min(other.ends_on, self.last)
            if span[0] > span[1]:
                continue
            if other.body_id == self.audit.body_id:
                yield _("booked elsewhere on %(days)s") % {"days": day_range(*span)}
            else:
                away.append(span)
        for row in self.facts.absences.get(person.pk, []):
            span = max(row.starts_on, self.first), min(row.ends_on, self.last)
            if span[0] <= span[1]:
                away.append(span)
        for span in sorted(set(away)):
            yield _("not available on %(days)s") % {"days": day_range(*span)}

    def _others(self, person) -> list:
        """Return the other audits of the years concerned, of any body."""
        return [row for row in self.facts.bookings.get(person.pk, []) if row.pk != self.audit.pk]

    def _too_many_days(self, person):
        limit = self.rules.value("auditor_onsite_days_per_year")
        if limit is None or not self.audit.starts_on or self.audit.mode == Mode.REMOTE:
            return
        for year in range(self.first.year, self.last.year + 1):
            days = self.days_on_site(person, year) | set(_span(self.audit, year))
            if len(days) > int(limit):
                yield _("would reach %(days)s on-site days in %(year)s, %(limit)s are allowed") % {
                    "days": len(days),
                    "year": year,
                    "limit": limit,
                }

    def days_on_site(self, person, year: int) -> set[date]:
        """Return the days of a year on which a person audits elsewhere on site."""
        days = set()
        for other in self._others(person):
            if other.mode == Mode.REMOTE or other.held_as not in AUDITING_ROLES:
                continue
            planned = self.facts.planned_days.get(other.pk)
            if planned is None:
                days.update(_span(other, year))
            else:
                days.update(
                    on for user, on in planned if user in (None, person.pk) and on.year == year
                )
        return days

    def _too_many_certificates(self, person):
        limit = self.rules.value("auditor_certificates")
        held = self.facts.certificates.get(person.pk, {})
        count = sum(number for case, number in held.items() if case != self.audit.case_id)
        if limit is not None and count + max(1, len(self.required)) > int(limit):
            yield _("answers for %(count)s valid certificates, %(limit)s are allowed") % {
                "count": count,
                "limit": limit,
            }


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
        elif audit.is_short_notice and is_stale(audit, member):
            yield Blocker(
                _("%(person)s declared too long ago for an audit at short notice.")
                % {"person": member.user},
                url,
            )


def clashes(audit) -> list[str]:
    """Return what speaks against dates and team of an audit, said before anything is kept."""
    prefetch_related_objects([audit], "members__user")
    members = list(audit.members.all())
    bench = Bench(audit, [member.user for member in members])
    return [str(gap.message) for gap in _gaps(audit, members, bench.required)] + [
        _("%(person)s: %(reason)s") % {"person": member.user, "reason": reason}
        for member in members
        for reason in bench.reasons(member.user, member.role)
    ]


def _gaps(audit, members, required, *, first=None, last=None) -> list:
    return team_gaps(
        body=audit.body,
        required=required,
        team=[(m.user, COMPETENCE_OF[m.role]) for m in members if m.role in COMPETENCE_OF],
        first_day=first or audit.starts_on,
        last_day=last or audit.ends_on,
        languages=[audit.language],
    )


def competence_gaps(audit) -> int:
    """Count what the team lacked in competence on the days the audit was held.

    They lie elsewhere than planned where the meetings took place on other days.
    """
    opened, closed = (at and timezone.localdate(at) for at in (audit.opened_at, audit.closed_at))
    members = list(audit.members.select_related("user"))
    last = closed or max(filter(None, (opened, audit.ends_on)), default=None)
    return len(_gaps(audit, members, required_of(audit), first=opened, last=last))
