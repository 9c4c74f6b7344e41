"""What the review page shows: each point with claim, evidence, changes and verdict."""

from django.urls import reverse

from certification.enums import ApplicationStatus, Verdict
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.review import AskForm, VerdictForm
from certification.queries.evidence import evidence_for
from certification.queries.review import facts_of
from certification.queries.snapshots import sections
from certification.questions import LABELS
from certification.rights import ASSIGNED_REVIEWER
from certification.services import review as services

_TAGS = {Verdict.OPEN: "waiting", Verdict.MET: "valid", Verdict.NOT_MET: "problem"}


def page_url(application, place="") -> str:
    """Return the address of a place on the review page."""
    return reverse("certification:review", args=[application.pk]) + (f"#{place}" if place else "")


class ReviewPage:
    """One application under review, as one actor sees it."""

    def __init__(self, application, actor):
        self.application = application
        self.actor = actor
        self.record = getattr(application, "review", None)
        self.facts = facts_of(application)
        self.version = self.facts.versions[-1]
        in_review = application.status == ApplicationStatus.IN_REVIEW
        self.in_hand = in_review and bool(ASSIGNED_REVIEWER(actor, application))
        self.unsent = self.facts.unsent

    def context(self, *, ask=None, bound=None) -> dict:
        """Return everything the template needs.

        ``ask`` and ``bound`` (criterion to form) replace forms that were sent with errors.
        """
        application = self.application
        actions = APPLICATION_FLOW.actions_for(application, self.actor)
        others = [
            entry for entry in actions if entry.transition.action not in {"accept", "set_time"}
        ]
        return {
            "application": application,
            "record": self.record,
            "version": self.version,
            "status_kind": APPLICATION_FLOW.tags[application.status],
            "in_hand": self.in_hand,
            "points": self.points(bound or {}),
            "questions": [_question(row) for row in self.unsent],
            "sent": [_question(row) for row in self.facts.last_sent],
            "ask": ask or (ask_form(application) if self.in_hand else None),
            "accept": next((e for e in actions if e.transition.action == "accept"), None),
            "others": others,
        }

    def points(self, bound: dict) -> list[dict]:
        """Return the points of the review in their order."""
        rows = [row for section in sections(self.version.snapshot) for row in section.rows]
        evidence = evidence_for(self.application)
        changes = self.facts.changes
        asked = {row.field: row.reason for row in self.unsent}
        return [
            {
                "key": criterion.value,
                "title": criterion.label,
                "claims": [
                    {"row": row, "asked": asked.get(row.field, "")}
                    for row in rows
                    if row.field in services.claims_of(criterion)
                ],
                "changes": [c for c in changes if c.field in services.claims_of(criterion)],
                "evidence": evidence[criterion],
                **self._verdict(criterion, bound.get(criterion.value)),
            }
            for criterion in services.criteria_of(self.application)
        ]

    def _verdict(self, criterion, form) -> dict:
        kept = (self.record.verdicts if self.record else {}).get(criterion.value, {})
        verdict = Verdict(kept.get("verdict", Verdict.OPEN))
        if self.in_hand and form is None:
            form = verdict_form(self.application, criterion, kept)
        return {
            "verdict": verdict,
            "kind": _TAGS[verdict],
            "note": kept.get("note", ""),
            "old_version": kept["version"] if kept and kept["version"] != self.version.version
            else None,
            "form": form,
        }  # fmt: skip


def _question(row) -> dict:
    return {"row": row, "label": LABELS.get(row.field, row.field)}


def verdict_form(application, criterion, kept: dict, data=None) -> VerdictForm:
    """Return the form of one point, filled with what was kept."""
    initial = {"verdict": kept.get("verdict", Verdict.OPEN.value), "note": kept.get("note", "")}
    form = VerdictForm(data, initial=initial, prefix=criterion.value)
    form.form_action = reverse(
        "certification:review_verdict", args=[application.pk, criterion.value]
    )
    return form


def ask_form(application, field: str = "", data=None) -> AskForm:
    """Return the form of a question, filled with what was asked about that field already."""
    asked = (row.reason for row in facts_of(application).unsent if row.field == field)
    form = AskForm(data, initial={"field": field, "reason": next(asked, "")})
    form.form_action = reverse("certification:review_ask", args=[application.pk])
    return form
