from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.models.base import in_language
from schemes.models.base import Reference


class ChecklistQuestion(Reference):
    """A question auditors ask, in our own words, with the clauses it looks at.

    ``clauses`` maps the keys of editions to clause numbers, so that an audit of several standards
    asks it once. ``only`` names the kinds of audit it belongs to; without any it is asked wherever
    its clauses are audited. Another version of a question is another row: what was answered stays
    with the words it answers.
    """

    checklist = models.SlugField(_("checklist"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    key = models.SlugField(_("key"), max_length=60)
    only = models.JSONField(_("kinds of audit"), default=list, blank=True)
    clauses = models.JSONField(_("clauses"), default=dict)
    text_en = models.CharField(_("question (English)"), max_length=400)
    text_zh = models.CharField(_("question (Chinese)"), max_length=400)
    source = models.CharField(_("source"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("checklist question")
        verbose_name_plural = _("checklist questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="checklist_question_once")
        ]

    def __str__(self):
        return self.key

    @property
    def text(self) -> str:
        """The question in the reader's language."""
        return in_language(self.text_zh, self.text_en)
