"""Appeals against findings: what they are against, and what an upheld one changes."""

from audits.enums import FindingStatus, Grade
from audits.flows.findings import FINDING_FLOW
from audits.models import Finding
from audits.queries.judges import can_be_disputed
from certification.appeals import Matter, register
from certification.enums import About, Conclusion
from foundation.actor import SYSTEM
from foundation.workflow import perform


def _finding(actor, key):
    """Any open nonconformity that the enterprise was shown can be disputed."""
    rows = Finding.objects.visible_to(actor).filter(pk=key)
    found = rows.select_related("audit__case", "audit__enterprise", "audit__body").first()
    if found is None or not can_be_disputed(found):
        return None
    audit = found.audit
    return Matter(
        About.FINDING,
        found.pk,
        f"{found.number} · {audit.number} · {found.title}"[:200],
        found.get_absolute_url(),
        audit.enterprise,
        audit.body,
        case=audit.case,
        audit_id=audit.pk,
    )


def _follow(complaint, actor) -> None:
    """Annul the finding, or make a major a minor where the appeal was upheld in part."""
    finding = Finding._base_manager.get(pk=complaint.matter_id)
    if finding.status == FindingStatus.CLOSED:
        return
    if complaint.conclusion == Conclusion.UPHELD:
        perform(FINDING_FLOW, finding, "annul", SYSTEM, appeal=complaint)
    elif finding.grade == Grade.MAJOR:
        perform(FINDING_FLOW, finding, "lower", SYSTEM, appeal=complaint)


register(About.FINDING, _finding, _follow)
