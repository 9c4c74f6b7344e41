from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audits.enums import Verdict
from audits.models.audits import Audit
from audits.models.findings import Finding
from certification.models.visibility import seen_by
from foundation.models import Record, VisibleQuerySet
from organisations.enums import Kind
from organisations.models import Site
from schemes.models import ChecklistQuestion


class ChecklistAnswerQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The body's desk, who works in the case, the authority; the enterprise reads the report.

        The notes of the team are working papers until the report says what they amount to.
        """
        if actor.kind == Kind.ENTERPRISE and not actor.is_operator:
            return self.none()
        return seen_by(self, actor, prefix="audit__", involved="audit__case__involvements__user")


class ChecklistAnswer(Record):
    """What one auditor noted about one item of the checklist; never changed, only added to.

    An item is a question, or a nonconformity of an earlier audit, at one place. The identifier may
    be made by whoever sends the answer, so that sending it twice adds nothing. ``position`` counts
    the answers of an item; ``seen`` is how many of them the author had read: those stand behind
    this one, any other beside it.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="checklist")
    item = models.UUIDField(_("item"))
    question = models.ForeignKey(
        ChecklistQuestion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    earlier = models.ForeignKey(
        Finding, on_delete=models.PROTECT, null=True, related_name="follow_ups"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="+")
    department = models.CharField(_("department or process"), max_length=120, blank=True)
    position = models.PositiveIntegerField()
    seen = models.PositiveIntegerField(default=0)
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict.choices, blank=True)
    note = models.TextField(_("what was looked at"), max_length=4000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = ChecklistAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer in a checklist")
        verbose_name_plural = _("answers in checklists")
        ordering = ["item", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "item", "position"], name="checklist_answer_place_once"
            ),
            models.CheckConstraint(
                condition=Q(question=None) ^ Q(earlier=None), name="checklist_answer_about_one"
            ),
        ]

    def __str__(self):
        return f"{self.item} {self.position}"

    @property
    def journal_thread(self):
        return self.audit.case.thread
