"""What the decision desk shows of a case."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from certification.enums import Part
from certification.models import (
    Application,
    ApplicationScheme,
    ApplicationSite,
    AuditOutcome,
    Case,
    Certificate,
    Decision,
    Involvement,
)
from certification.services.decisions import pending_outcomes
from foundation.workflow import FLOWS
from schemes.queries.interests import ties_of

# The gravest first.
GRADES = {
    "major": _("Major nonconformity"),
    "minor": _("Minor nonconformity"),
    "opportunity": _("Opportunity for improvement"),
    "conformity": _("Conformity"),
}
NONCONFORMITIES = ("major", "minor")


def cases(actor):
    """Return the cases an actor may see, with everything that a decision looks at."""
    return (
        Case.objects.visible_to(actor)
        .annotate(names_it=ties_of(actor))
        .select_related("enterprise", "body__body_profile", "rule_set")
        .prefetch_related(
            "outcomes__item",
            Prefetch(
                "applications",
                Application.objects.select_related("enterprise", "body__body_profile"),
            ),
            Prefetch(
                "applications__schemes",
                ApplicationScheme.objects.select_related("scheme", "edition"),
            ),
            "applications__schemes__areas",
            Prefetch("applications__sites", ApplicationSite.objects.select_related("site")),
            Prefetch("certificates", Certificate.objects.select_related("scheme")),
            "certificates__revisions",
            Prefetch("involvements", Involvement.objects.select_related("user")),
            Prefetch("decisions", Decision.objects.select_related("decided_by", "certificate")),
        )
    )


@dataclass(frozen=True)
class Found:
    """A finding as its audit reported it."""

    number: str
    title: str
    url: str
    grade: Any
    counts: bool
    state: Any
    tag: str


@dataclass(frozen=True)
class Report:
    """One reported audit: the outcome, and its findings with the gravest first."""

    outcome: AuditOutcome
    findings: list[Found]

    @property
    def first_day(self) -> date | None:
        """The first day of the audit, as its facts give it."""
        started = self.outcome.facts.get("starts_on")
        return date.fromisoformat(started) if started else self.outcome.last_day

    @property
    def shortfall(self) -> Decimal:
        """Days held less than computed; zero when the time was held."""
        return max(self.outcome.days_computed - self.outcome.days_held, Decimal(0))

    @property
    def open_nonconformities(self) -> int:
        return sum(finding.counts and finding.tag != "closed" for finding in self.findings)


def reports(case: Case) -> list[Report]:
    """Return the audits that reported since the last decision."""
    return [Report(outcome, _findings(outcome)) for outcome in pending_outcomes(case)]


def _findings(outcome: AuditOutcome) -> list[Found]:
    # Words and colours of a finding's state are those of its own flow, a layer above this one.
    flow = FLOWS.get("finding")
    found = []
    rank = list(GRADES)
    rows = outcome.facts.get("findings", [])
    for row in sorted(rows, key=lambda row: (rank.index(row["grade"]), row["number"])):
        counts = row["grade"] in NONCONFORMITIES
        known = flow is not None and row["status"] in flow.states.values
        state = flow.states(row["status"]).label if known else row["status"]
        tag = flow.tags[row["status"]] if known else "info"
        label = GRADES[row["grade"]]
        found.append(Found(row["number"], row["title"], row["url"], label, counts, state, tag))
    return found


@dataclass(frozen=True)
class Involved:
    """Somebody who took part in the cycle, and how."""

    name: str
    parts: str


def involved(case: Case) -> list[Involved]:
    """Return who reviewed or audited in the present cycle, so may not decide."""
    people: dict[Any, list] = {}
    for row in case.involvements.all():
        if row.cycle == case.cycle:
            people.setdefault(row.user, []).append(str(Part(row.part).label))
    return [
        Involved(user.name, ", ".join(sorted(parts)))
        for user, parts in sorted(people.items(), key=lambda item: item[0].name)
    ]
