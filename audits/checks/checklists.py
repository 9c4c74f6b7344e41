"""What of the checklist has to be settled before the closing meeting."""

from django.urls import reverse
from django.utils.translation import gettext as _

from audits.queries.checklists import items_of
from foundation.workflow import Blocker


def checklist_blockers(audit):
    """Yield what the checklist leaves open: failures without a finding, words against words.

    Open nonconformities of earlier audits have to be looked at (ISO/IEC 17021-1:2015 9.6.2.2 b).
    """
    for item in items_of(audit):
        url = reverse("audits:checklist_item", args=[audit.pk, item.key])
        about = item.earlier.number if item.earlier else item.text
        if item.lacks_finding:
            yield Blocker(
                _("Something failed and no finding says so: %(question)s") % {"question": about},
                f"{reverse('audits:finding_new', args=[audit.pk])}?item={item.key}",
            )
        if item.is_contested:
            yield Blocker(
                _("Two answers stand beside each other: %(question)s") % {"question": about}, url
            )
        if item.must_answer and not item.verdict:
            yield Blocker(
                _("Not looked at: %(number)s of audit %(audit)s is still open.")
                % {"number": about, "audit": item.earlier.audit.number},
                url,
            )
