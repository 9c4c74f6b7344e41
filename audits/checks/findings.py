"""Whether a finding says what it must, and whether it says too much."""

import re

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.enums import AnswerStage
from foundation import files
from foundation.workflow import Blocker

EVIDENCE = "evidence"
# The five parts of an answer, by field.
PART_OF = {
    "containment": 1,
    **{f"why_{n}": 2 for n in range(1, 6)},
    "root_cause": 2,
    "correction": 3,
    "corrective_action": 4,
    "done_by": 4,
    "evidence_note": 5,
}
# Words by which an auditor slips into advice (ISO/IEC 17021-1:2015 9.4.5.3); a hint, no refusal.
_ADVICE = re.compile(
    r"\bshould\b(?! have been)"
    r"|\b(?:recommend|suggest|advis|propos|solution|introduce an?\b|set up\b)\w*"
    r"|建议|应当加强|应加强|可以采用|整改为|需要建立",
    re.IGNORECASE,
)


def advice_in(text: str) -> str:
    """Return the word that sounds like a solution, or an empty text."""
    found = _ADVICE.search(text)
    return found.group(0).strip() if found else ""


def incomplete(finding) -> list[str]:
    """Return what a nonconformity lacks: requirement, statement, objective evidence (9.4.5.3)."""
    if not finding.is_nonconformity:
        return []
    lacking = []
    if not finding.requirement:
        lacking.append(_("the requirement"))
    if not finding.statement:
        lacking.append(_("the statement"))
    if not finding.evidence and not files.attachments_of(finding, EVIDENCE).exists():
        lacking.append(_("the objective evidence"))
    return lacking


def noted_blockers(audit):
    """Yield the findings that cannot be shown to the enterprise yet."""
    for finding in audit.findings.filter(shown_at=None):
        lacking = incomplete(finding)
        if lacking:
            yield Blocker(
                _("%(number)s lacks %(parts)s.")
                % {"number": finding.number, "parts": ", ".join(lacking)},
                reverse("audits:finding_edit", args=[finding.pk]),
            )


def draft_of(finding):
    """Return the answer the enterprise is writing, or None."""
    return finding.answers.filter(sent_at=None).first()


def last_sent(finding):
    """Return the answer the auditor has to judge or judged last, or None."""
    return finding.answers.exclude(sent_at=None).order_by("round").last()


def has_evidence(answer) -> bool:
    """Tell whether an answer brings evidence: words or files."""
    return answer is not None and bool(
        answer.evidence_note or files.attachments_of(answer, EVIDENCE).exists()
    )


def answer_blockers(finding, actor, data):
    """Yield the parts of an answer that are missing (ISO/IEC 17021-1:2015 9.4.9)."""
    url = reverse("audits:answer", args=[finding.pk])
    draft = draft_of(finding)
    if draft is None or draft.stage != AnswerStage.PLAN:
        yield Blocker(_("The answer is not written yet."), url)
        return
    for name, message in (
        ("root_cause", _("The root cause is missing.")),
        ("correction", _("The correction is missing.")),
        ("corrective_action", _("The corrective action is missing.")),
        ("done_by", _("The date by which it will be done is missing.")),
    ):
        if not getattr(draft, name):
            yield Blocker(message, f"{url}#div_id_{name}")

    yield from _unsettled(draft, url)


def _unsettled(draft, url):
    """Yield the parts that two people wrote at once, until somebody has chosen."""
    parts = draft.kept_texts.filter(settled_at=None).values_list("part", flat=True)
    for part in dict.fromkeys(parts):
        yield Blocker(
            _("Two of you wrote part %(part)s at once; choose what is sent.")
            % {"part": PART_OF.get(part, 5)},
            f"{url}#both",
        )


def evidence_blockers(finding, actor, data):
    """Yield what keeps evidence from being sent."""
    draft = draft_of(finding)
    if draft is not None:
        yield from _unsettled(draft, reverse("audits:answer", args=[finding.pk]))
    if not has_evidence(draft_of(finding)):
        yield Blocker(
            _("Describe the evidence or attach a file."),
            reverse("audits:answer", args=[finding.pk]),
        )


def verifiable(finding, actor, data):
    """Yield why a finding cannot be closed: nothing shows that the actions were effective."""
    if not any(has_evidence(answer) for answer in finding.answers.exclude(sent_at=None)):
        yield Blocker(_("The enterprise has sent no evidence yet."), finding.get_absolute_url())
