"""Certification schemes, the editions of their standards, and the clauses findings point to."""

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.models.base import in_language
from schemes.models.base import Reference, Titled


class Scheme(Titled, Reference):
    """What a body certifies: one management system scheme.

    ``categories`` lists the complexity or risk categories of its audit-time table as
    ``{"key", "title_en", "title_zh"}``; empty when the table has a single column.
    ``letter`` stands for the scheme in certificate numbers.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    letter = models.CharField(_("letter in certificate numbers"), max_length=8)
    certificate_title_en = models.CharField(_("certificate title (English)"), max_length=200)
    certificate_title_zh = models.CharField(_("certificate title (Chinese)"), max_length=200)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        ordering = ["position"]

    def __str__(self):
        return self.code

    @property
    def certificate_title(self) -> str:
        return in_language(self.certificate_title_zh, self.certificate_title_en)

    @property
    def category_choices(self) -> list[tuple[str, str]]:
        """The categories as form choices in the reader's language."""
        return [
            (row["key"], in_language(row["title_zh"], row["title_en"])) for row in self.categories
        ]


class StandardEdition(Titled, Reference):
    """One edition of a scheme's standard, with its national designation where there is one."""

    scheme = models.ForeignKey(
        Scheme, on_delete=models.PROTECT, related_name="editions", verbose_name=_("scheme")
    )
    key = models.SlugField(_("key"), max_length=40, unique=True)
    designation = models.CharField(_("designation"), max_length=60)
    designation_cn = models.CharField(_("Chinese designation"), max_length=60, blank=True)
    designation_cn_from = models.DateField(
        _("Chinese edition in force from"), null=True, blank=True
    )
    amendment = models.CharField(_("amendment"), max_length=40, blank=True)
    source = models.CharField(_("source"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("standard edition")
        verbose_name_plural = _("standard editions")
        ordering = ["scheme__position", "-valid_from"]

    def __str__(self):
        return self.designation

    def designations(self, on) -> str:
        """As a certificate of that day states them: ``GB/T 19001-2016 / ISO 9001:2015``."""
        national = self.designation_cn if self._cn_holds_on(on) else ""
        return " / ".join(filter(None, (national, self.designation)))

    @property
    def both_designations(self) -> str:
        """The designations that hold today, for pages."""
        return self.designations(timezone.localdate())

    def local_designation(self, on) -> str:
        """The designation a reader looks for: the national one for a Chinese page."""
        if self._cn_holds_on(on) and (get_language() or "").startswith("zh"):
            return self.designation_cn
        return self.designation

    def _cn_holds_on(self, day) -> bool:
        return self.designation_cn_from is not None and self.designation_cn_from <= day


class Clause(Titled, Reference):
    """A clause number of an edition under our own short title; no text of the standard."""

    edition = models.ForeignKey(
        StandardEdition, on_delete=models.PROTECT, related_name="clauses", verbose_name=_("edition")
    )
    number = models.CharField(_("number"), max_length=16)
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "number"], name="clause_once"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}"
