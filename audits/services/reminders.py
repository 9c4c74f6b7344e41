"""Reminding an enterprise of a finding it has to answer."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audits.enums import WITH_CLIENT
from certification.services.reminders import reminder_send


def finding_remind(finding, actor) -> None:
    """Remind the enterprise of a finding that waits for its answer."""
    if finding.status not in WITH_CLIENT:
        raise ValidationError(_("Nothing waits for the enterprise here."))
    reminder_send(
        actor=actor,
        obj=finding,
        enterprise=finding.audit.enterprise,
        kind="finding.reminder",
        number=finding.number,
    )
