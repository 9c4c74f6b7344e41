"""What is known of some people as candidates for some audits, read at once for all of them."""

from collections import defaultdict
from datetime import date, datetime, time

from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from audits.enums import ENDED, AuditStatus
from audits.models import Absence, AuditMember, PlanItem
from certification.enums import CertificateStatus, Part
from certification.models import Certificate
from certification.services.decisions import deciders_of
from organisations.models import Membership
from schemes.models import Competence, Interest
from schemes.queries import book_of
from schemes.rulebook import RuleBook

FREE = (*ENDED, AuditStatus.PLANNED)


class Facts:
    """The people of one body and some of its audits; a fixed number of queries, asked as needed.

    ``first`` and ``last`` span the days that are asked about: those of the audits, or a period in
    which they are still to be placed.
    """

    def __init__(self, audits, people, *, first: date, last: date):
        self.audits = list(audits)
        self.people = list(people)
        self.ids = [person.pk for person in self.people]
        self.first, self.last = first, last
        self._books: dict = {}

    def book(self, rule_set) -> RuleBook:
        """Return the rules of a rule set, read once."""
        if rule_set.pk not in self._books:
            self._books[rule_set.pk] = book_of(rule_set)
        return self._books[rule_set.pk]

    @cached_property
    def competences(self) -> dict:
        """Map each person to the competences valid on some day of the span, areas at hand."""
        found = defaultdict(list)
        body = self.audits[0].body
        members = Membership.objects.current().filter(organisation=body, user__in=self.ids)
        rows = Competence.objects.approved().filter(
            body=body,
            user__in=members.values("user"),
            valid_from__lte=self.last,
            valid_until__gte=self.first,
        )
        for row in rows.select_related("user", "scheme").prefetch_related("areas"):
            found[row.user_id].append(row)
        return found

    @cached_property
    def belonged(self) -> dict:
        """Map (enterprise, person) to when the person left it, None while still there."""
        rows = Membership.objects.filter(
            organisation__in={audit.enterprise_id for audit in self.audits}, user__in=self.ids
        )
        found: dict = {}
        for row in rows:
            key = (row.organisation_id, row.user_id)
            earlier = found.get(key, row.ended_at)
            both = earlier and row.ended_at
            found[key] = max(earlier, row.ended_at) if both else None
        return found

    def belonged_since(self, audit, day: date) -> set:
        """Return who belonged to the enterprise of an audit on this day or later."""
        since = datetime.combine(day, time.min, timezone.get_current_timezone())
        return {
            person
            for (enterprise, person), ended in self.belonged.items()
            if enterprise == audit.enterprise_id and (ended is None or ended >= since)
        }

    @cached_property
    def interests(self) -> dict:
        """Map each person to all that he or she declared (ISO/IEC 17021-1:2015 5.2)."""
        found = defaultdict(list)
        for row in Interest.objects.filter(user__in=self.ids):
            found[row.user_id].append(row)
        return found

    @cached_property
    def deciders(self) -> dict:
        """Map (case, cycle) to the people who decided in it."""
        return deciders_of({audit.case_id for audit in self.audits})

    @cached_property
    def bookings(self) -> dict:
        """Map each person to the audits of the years concerned, of any body, soonest first."""
        found = defaultdict(list)
        rows = (
            AuditMember.objects.filter(
                user__in=self.ids,
                audit__starts_on__lte=date(self.last.year, 12, 31),
                audit__ends_on__gte=date(self.first.year, 1, 1),
            )
            .exclude(audit__status__in=FREE)
            .select_related("audit")
            .order_by("audit__starts_on")
        )
        for row in rows:
            row.audit.held_as = row.role
            found[row.user_id].append(row.audit)
        return found

    @cached_property
    def planned_days(self) -> dict:
        """Map each of those audits with a timetable to its (person or None, day on site)."""
        found = defaultdict(set)
        ids = {audit.pk for audits in self.bookings.values() for audit in audits}
        rows = PlanItem.objects.filter(audit__in=ids, remote=False)
        for audit_id, user_id, on in rows.values_list("audit_id", "member_id", "day"):
            found[audit_id].add((user_id, on))
        return found

    @cached_property
    def absences(self) -> dict:
        """Map each person to the absences that touch the span, soonest first."""
        found = defaultdict(list)
        rows = Absence.objects.filter(user__in=self.ids).within(self.first, self.last)
        for row in rows.order_by("starts_on", "part"):
            found[row.user_id].append(row)
        return found

    @cached_property
    def certificates(self) -> dict:
        """Map each person to the cases whose valid certificates he or she answers for."""
        found: dict = defaultdict(dict)
        rows = (
            Certificate.objects.filter(
                Q(case__involvements__part=Part.AUDIT, case__involvements__user__in=self.ids),
                status=CertificateStatus.VALID,
                case__involvements__cycle=F("case__cycle"),
            )
            .values_list("case__involvements__user", "case")
            .annotate(count=Count("pk", distinct=True))
        )
        for person, case, count in rows:
            found[person][case] = count
        return found
