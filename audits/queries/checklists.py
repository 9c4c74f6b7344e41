"""The checklist of an audit: which questions, at which places, by whom, and what was said."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from audits.checks.clauses import in_order, touch
from audits.checks.findings import EVIDENCE
from audits.checks.timetable import ALWAYS, SURVEILLANCE, WHOLE, clause_numbers
from audits.enums import (
    FAILING,
    NONCONFORMITIES,
    ON_ACTIONS,
    Activity,
    FindingStatus,
    Verdict,
)
from audits.models import ChecklistAnswer, Finding
from certification.enums import AuditKind
from foundation.models import Attachment
from foundation.models.base import subject_type
from schemes.queries import questions_for

_GROUP = {
    AuditKind.STAGE_1: "stage_1",
    AuditKind.STAGE_2: "stage_2",
    AuditKind.SURVEILLANCE_1: "surveillance",
    AuditKind.SURVEILLANCE_2: "surveillance",
    AuditKind.RECERTIFICATION: "recertification",
    AuditKind.SPECIAL: "special",
}


def item_key(audit, *, question=None, earlier=None, site_id=None, department="") -> UUID:
    """Return the identifier of an item; a device without a network makes the same one."""
    about = f"finding|{earlier.pk}" if earlier else f"{question.key}|{site_id or ''}|{department}"
    return uuid5(audit.pk, about)


@dataclass
class Item:
    """A question, or a nonconformity of an earlier audit, at one place, with all its answers.

    ``people`` are those whom the timetable sends there; none means the whole team.
    """

    key: UUID
    question: object = None
    earlier: object = None
    site: object = None
    department: str = ""
    clauses: tuple = ()
    people: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    findings: list = field(default_factory=list)

    @property
    def standing(self) -> list:
        """The answers that no later one has read: one, or several that nobody put together.

        Who answers again knows what he or she said before.
        """
        return [
            one
            for n, one in enumerate(self.answers)
            if not any(
                other.seen >= one.position or other.answered_by_id == one.answered_by_id
                for other in self.answers[n + 1 :]
            )
        ]

    @property
    def last(self):
        """The latest answer, or None."""
        return self.answers[-1] if self.answers else None

    @property
    def is_contested(self) -> bool:
        """Whether answers stand beside each other that do not say the same."""
        return len({(one.verdict, one.note) for one in self.standing}) > 1

    @property
    def verdict(self) -> str:
        return self.last.verdict if self.last else ""

    @property
    def verdict_label(self):
        if not self.verdict:
            return _("Not yet looked at")
        verdict = Verdict(self.verdict)
        return ON_ACTIONS.get(verdict, verdict.label) if self.earlier else verdict.label

    @property
    def lacks_finding(self) -> bool:
        """Whether something failed and no finding says so; an earlier finding is one itself."""
        return self.verdict in FAILING and not self.findings and self.earlier is None

    @property
    def must_answer(self) -> bool:
        """Whether the closing meeting waits for it: an earlier nonconformity still open."""
        return self.earlier is not None and self.earlier.status != FindingStatus.CLOSED

    @property
    def text(self) -> str:
        if self.question is not None:
            return self.question.text
        return _("Were the actions on “%(title)s” carried out, and do they work?") % {
            "title": self.earlier.title
        }

    @property
    def place(self) -> str:
        return " · ".join(filter(None, (self.site.name if self.site else "", self.department)))


def items_of(audit) -> list[Item]:
    """Return the whole checklist of an audit: what earlier audits left, then clause by clause."""
    answers: dict[UUID, list] = {}
    rows = audit.checklist.select_related(
        "question", "answered_by", "site", "earlier__audit", "earlier__clause__edition"
    )
    for row in rows.order_by("position"):
        answers.setdefault(row.item, []).append(row)
    found = {item.key: item for item in (*_carried_items(audit), *_planned(audit, answers))}
    for key, given in answers.items():
        if key not in found:
            found[key] = _added(audit, given[0])
    noted: dict[UUID, list] = {}
    for finding in audit.findings.exclude(item=None).select_related("clause").order_by("number"):
        noted.setdefault(finding.item, []).append(finding)
    for key, item in found.items():
        item.answers, item.findings = answers.get(key, []), noted.get(key, [])
    return sorted(found.values(), key=_place_in_order)


def _place_in_order(item):
    if item.earlier is not None:
        return (0, [], item.earlier.number, "")
    first = min((in_order(n) for _e, numbers in item.clauses for n in numbers), default=[99])
    return (1, first, f"{item.question.position:05}", item.place)


def carried(audit):
    """Return the nonconformities of earlier audits that this one looks at.

    Those still open; surveillance and recertification also review those closed since, unless an
    audit in between saw that the actions work (ISO/IEC 17021-1:2015 9.6.2.2 b).
    """
    seen = ChecklistAnswer.objects.filter(
        earlier=OuterRef("pk"), verdict=Verdict.CONFORM, audit__created_at__lt=audit.created_at
    )
    rows = (
        Finding.objects.filter(
            audit__case=audit.case_id,
            audit__created_at__lt=audit.created_at,
            grade__in=NONCONFORMITIES,
        )
        .exclude(shown_at=None)
        .exclude(Exists(seen))
    )
    if audit.kind not in (*SURVEILLANCE, AuditKind.RECERTIFICATION):
        rows = rows.exclude(status=FindingStatus.CLOSED, closed_at__lt=audit.created_at)
    return rows.select_related("audit", "clause__edition", "site").order_by(
        "audit__created_at", "number"
    )


def _carried_items(audit):
    for finding in carried(audit):
        yield Item(
            item_key(audit, earlier=finding),
            earlier=finding,
            site=finding.site,
            department=finding.department,
            clauses=((finding.clause.edition, [finding.clause.number]),),
        )


def _planned(audit, answers):
    """Yield the items that kind and timetable of an audit call for."""
    editions = list(audit.editions.all())
    lines = [
        (line, clause_numbers(line.clauses)[0])
        for line in audit.plan.filter(activity=Activity.AUDIT).select_related("member", "site")
    ]
    on = timezone.localdate(audit.opened_at) if audit.opened_at else timezone.localdate()
    also = {row.question_id for given in answers.values() for row in given if row.question_id}
    sites = list(audit.sites.all())
    only_site = sites[0] if len(sites) == 1 else None
    for question in questions_for(editions, on, also=also):
        clauses = _clauses(question, editions)
        numbers = [n for _edition, named in clauses for n in named]
        there = [line for line, named in lines if _meet(named, numbers)]
        if not _is_asked(audit, question, numbers, bool(there)):
            continue
        yield from _at_places(audit, question, clauses, there, only_site)


def _clauses(question, editions) -> tuple:
    return tuple(
        (one, question.clauses[one.key]) for one in editions if one.key in question.clauses
    )


def _meet(first, second) -> bool:
    return any(touch(one, other) for one in first for other in second)


def _is_asked(audit, question, numbers, is_planned: bool) -> bool:
    """Tell whether a question belongs to this audit (ISO/IEC 17021-1:2015 9.3.1, 9.6.2, 9.6.3)."""
    if question.only:
        return _GROUP[audit.kind] in question.only
    if audit.kind == AuditKind.STAGE_1:
        return False
    always = audit.kind in SURVEILLANCE and _meet(ALWAYS, numbers)
    return audit.kind in WHOLE or is_planned or always


def _at_places(audit, question, clauses, lines, only_site):
    """Yield a question once for each place where the timetable takes it up, or once at all."""
    places: dict = {}
    for line in lines:
        site = line.site or only_site
        entry = places.setdefault((site.pk if site else None, line.department), (site, []))
        if line.member is not None and line.member not in entry[1]:
            entry[1].append(line.member)
    if not places:
        places[only_site.pk if only_site else None, ""] = (only_site, [])
    for (site_id, department), (site, people) in places.items():
        yield Item(
            item_key(audit, question=question, site_id=site_id, department=department),
            question=question,
            site=site,
            department=department,
            clauses=clauses,
            people=people,
        )


def _added(audit, row) -> Item:
    """Return an item that the team added itself: a question at another place."""
    about = row.earlier
    clauses = (
        ((about.clause.edition, [about.clause.number]),)
        if about
        else _clauses(row.question, audit.editions.all())
    )
    return Item(row.item, row.question, about, row.site, row.department, clauses)


def files_of(items) -> dict:
    """Return the files on the answers of items by the key of the item, oldest first."""
    keys = {one.pk: item.key for item in items for one in item.answers}
    found: dict[UUID, list] = {}
    rows = Attachment.objects.filter(
        subject_type=subject_type(ChecklistAnswer), subject_id__in=keys, label=EVIDENCE
    ).select_related("file")
    for row in rows:
        found.setdefault(keys[row.subject_id], []).append(row)
    return found


def tally(items) -> list[tuple[str, str, int]]:
    """Count items by verdict, as (verdict, words, number); those without one come last."""
    counts = Counter(item.verdict for item in items)
    found = [(verdict.value, verdict.label, counts[verdict.value]) for verdict in Verdict]
    return [*found, ("", _("Not yet looked at"), counts[""])]


def is_mine(item, user) -> bool:
    """Tell whether the timetable sends this person there; the whole team goes where nobody is."""
    return not item.people or user in item.people
