"""How the effect of corrective action is verified: on documents, by a visit, remotely (9.4.10)."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from audits.enums import SEEN, Verdict, Verification
from audits.models import ChecklistAnswer
from certification.enums import SpecialPurpose
from certification.services.programme import plan_special
from foundation.workflow import Blocker

# Where a visit takes place: with the next audit of the case, or as an audit of its own.
NEXT, OWN = "next", "own"


def kind_is_whole(finding, actor, data):
    """A visit needs to know at which audit; one of its own needs its audit time."""
    if data is None or data.get("verification") not in SEEN:
        return
    if data.get("when") not in (NEXT, OWN):
        yield Blocker(_("Say at which audit it will be seen."), field="when")
    elif data["when"] == OWN and not (data.get("days") or 0) > 0:
        yield Blocker(_("Say how many audit days it takes."), field="days")


def agree(finding, verification: str, when: str = "", days: Decimal | None = None) -> None:
    """Keep how the actions will be verified; an audit of its own enters the programme."""
    finding.verification = verification or Verification.PAPER
    finding.follow_up = None
    if finding.verification in SEEN and when == OWN:
        finding.follow_up = _plan(finding, days)
    finding.save(update_fields=["verification", "follow_up", "changed_at"])


def _plan(finding, days: Decimal):
    """Plan the audit that looks (ISO/IEC 17021-1:2015 9.4.10), by the limit where that is open."""
    today, until = timezone.localdate(), finding.due_on
    return plan_special(
        case=finding.audit.case,
        purpose=SpecialPurpose.VERIFICATION,
        reason=f"{finding.audit.number} {finding.number}: {finding.title}",
        days=days,
        window_from=today,
        window_to=until if until and until >= today else None,
    )


def agreed_words(finding) -> dict:
    """Return the manner for the journal."""
    return {"verification": finding.verification}


def has_been_seen(finding, actor, data):
    """What a visit was agreed for is closed by what somebody saw, or for a stated reason."""
    kind = (data or {}).get("verification") or finding.verification
    agreed = finding.verification in SEEN
    if kind in SEEN:
        seen = ChecklistAnswer.objects.filter(earlier=finding, verdict=Verdict.CONFORM)
        if not seen.exists():
            yield Blocker(
                _("A visit was agreed: an audit has to see first that the actions work."),
                finding.get_absolute_url(),
            )
    elif agreed and data is not None and not (data.get("note") or "").strip():
        yield Blocker(_("Say why documents are enough now."), field="note")
