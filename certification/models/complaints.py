from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    About,
    ComplaintKind,
    ComplaintStatus,
    Conclusion,
    DecisionKind,
    EntryKind,
)
from certification.models.applications import Application
from certification.models.cases import Case
from certification.models.certificates import Certificate
from foundation.models import Record, VisibleQuerySet
from organisations.enums import DESK_ROLES, Kind, Role
from organisations.models import Organisation

# Whom an entry is for besides the body, and the authority once it was turned to.
FOR_COMPLAINANT = (
    EntryKind.FILED, EntryKind.ADDED, EntryKind.QUESTION, EntryKind.ANSWER, EntryKind.PROGRESS,
    EntryKind.DECISION, EntryKind.END, EntryKind.AUTHORITY,
)  # fmt: skip
FOR_HOLDER = (
    EntryKind.PASSED_ON, EntryKind.CLIENT_ANSWER, EntryKind.AUTHORITY
)  # fmt: skip
# While one of these holds, the limit for the decision runs.
UNDECIDED = (
    ComplaintStatus.RECEIVED,
    ComplaintStatus.ACKNOWLEDGED,
    ComplaintStatus.INVESTIGATING,
    ComplaintStatus.REPORTED,
)
_TITLES = {
    About.BODY: _("Complaint about the certification body"),
    About.AUDITOR: _("Complaint about an auditor"),
    About.HOLDER: _("Complaint about a certified organisation"),
    About.DECISION: _("Appeal: %(kind)s, %(what)s"),
    About.APPLICATION: _("Appeal: declined application %(what)s"),
    About.FINDING: _("Appeal: %(what)s"),
}
OPEN = (*UNDECIDED, ComplaintStatus.DECIDED)
ENDED = (ComplaintStatus.CLOSED, ComplaintStatus.NOT_ADMITTED)


class ComplaintQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """Who handles it; the appellant; a holder it was passed on to; an authority turned to.

        Appeals are seen by the whole desk, complaints by managers and those named for them: who
        complained is known to nobody else. Whom it is about never sees it
        (ISO/IEC 17021-1:2015 9.8, 8.4).
        """
        if actor.is_operator:
            return self
        here = actor.organisation_id
        if actor.kind == Kind.ENTERPRISE:
            return self.filter(
                Q(kind=ComplaintKind.APPEAL, enterprise=here)
                | Q(about=About.HOLDER, enterprise=here, passed_on_at__isnull=False)
            )
        if actor.kind == Kind.AUTHORITY:
            return self.filter(authority=here)
        if actor.kind != Kind.BODY:
            return self.none()
        own = self.filter(body=here).exclude(subject=actor.user)
        if Role.MANAGER in actor.roles:
            return own
        mine = Q(handler=actor.user) | Q(decider=actor.user)
        if actor.roles & DESK_ROLES:
            mine |= Q(kind=ComplaintKind.APPEAL)
        return own.filter(mine)

    def open(self):
        """Return what is not ended yet."""
        return self.filter(status__in=OPEN)


class Complaint(Record):
    """A complaint of anybody or an appeal of an enterprise, handled by a body.

    ``enterprise`` is the holder complained about, or who appeals. ``subject`` is the person it is
    about. ``matter_*`` name what an appeal is against, ``audit_id`` the audit of a finding.
    ``acknowledge_by`` and ``decide_by`` are the limits, ``due_on`` the next one that somebody has
    to keep. The name and address of a complainant are on this row alone, so that they can go.
    """

    number = models.CharField(_("number"), max_length=30, unique=True)
    kind = models.CharField(_("kind"), max_length=16, choices=ComplaintKind.choices)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ComplaintStatus.choices,
        default=ComplaintStatus.RECEIVED,
    )
    about = models.CharField(_("about"), max_length=16, choices=About.choices)
    body = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="complaints",
        verbose_name=_("certification body"),
    )
    enterprise = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("enterprise"),
    )
    authority = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("authority turned to"),
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="complaints", verbose_name=_("case")
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    certificate = models.ForeignKey(
        Certificate, on_delete=models.PROTECT, null=True, related_name="complaints"
    )
    named = models.CharField(_("whom or what it names"), max_length=200, blank=True)
    certificate_named = models.CharField(_("certificate as named"), max_length=60, blank=True)
    matter_id = models.UUIDField(null=True)
    matter_kind = models.CharField(max_length=16, choices=DecisionKind.choices, blank=True)
    matter_label = models.CharField(_("against"), max_length=200, blank=True)
    matter_url = models.CharField(max_length=200, blank=True)
    audit_id = models.UUIDField(null=True)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("person it is about"),
    )
    language = models.CharField(_("language"), max_length=10)
    name = models.CharField(_("name of the complainant"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail address of the complainant"), blank=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("handled by"),
    )
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("named to decide"),
    )
    acknowledge_by = models.DateField(_("to be acknowledged by"))
    decide_by = models.DateField(_("to be decided by"))
    due_on = models.DateField(_("due"), null=True)
    passed_on_at = models.DateTimeField(_("passed on"), null=True)
    escalated_at = models.DateTimeField(_("authority turned to on"), null=True)
    conclusion = models.CharField(
        _("conclusion"), max_length=16, choices=Conclusion.choices, blank=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_on = models.DateField(_("decided on"), null=True)
    settled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint or appeal")
        verbose_name_plural = _("complaints and appeals")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter_id"],
                condition=~Q(status=ComplaintStatus.WITHDRAWN) & Q(matter_id__isnull=False),
                name="appeal_once",
            ),
            models.CheckConstraint(
                condition=Q(subject=None)
                | (~Q(handler=models.F("subject")) | Q(handler=None))
                & (~Q(decided_by=models.F("subject")) | Q(decided_by=None)),
                name="complaint_not_by_its_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["body", "status"], name="complaint_queue"),
            models.Index(fields=["status", "due_on"], name="complaint_due"),
        ]

    def __str__(self):
        return self.number

    @property
    def is_appeal(self) -> bool:
        return self.kind == ComplaintKind.APPEAL

    @property
    def is_ended(self) -> bool:
        return self.status not in OPEN

    @property
    def is_private(self) -> bool:
        """Whether the work on it is kept from the rest of the body's desk."""
        return not self.is_appeal

    @property
    def was_upheld(self) -> bool:
        """Whether it was found right, at least in part."""
        return self.conclusion in (Conclusion.UPHELD, Conclusion.PARTLY)

    @property
    def needs_new_decision(self) -> bool:
        """Whether an upheld appeal still waits for what is decided anew."""
        against = (About.DECISION, About.APPLICATION)
        return (
            self.status == ComplaintStatus.DECIDED
            and self.about in against
            and self.was_upheld
            and self.settled_at is None
        )

    @property
    def title(self) -> str:
        """What it is about, in one line, without telling who complains."""
        kind = DecisionKind(self.matter_kind).label if self.matter_kind else ""
        return str(_TITLES[self.about]) % {"what": self.matter_label, "kind": kind}

    @property
    def desk_detail(self) -> str:
        """What a queue says beside number and client."""
        return self.title

    def get_absolute_url(self):
        return reverse("certification:complaint", args=[self.pk])


class ComplaintEntryQuerySet(VisibleQuerySet):
    def visible_to(self, actor):
        """The body and the authority all; an enterprise what is meant for it."""
        rows = self.filter(complaint__in=Complaint.objects.visible_to(actor))
        if actor.is_operator or actor.kind != Kind.ENTERPRISE:
            return rows
        appeal = Q(complaint__kind=ComplaintKind.APPEAL)
        return rows.filter(appeal & Q(kind__in=FOR_COMPLAINANT) | ~appeal & Q(kind__in=FOR_HOLDER))


class ComplaintEntry(Record):
    """One thing in the file of a complaint: what was sent, asked, answered or found.

    Its files hang on it as attachments. Without an ``author`` the complainant wrote it.
    """

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("kind"), max_length=16, choices=EntryKind.choices)
    text = models.TextField(_("text"), max_length=8000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ComplaintEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a complaint")
        verbose_name_plural = _("entries of complaints")
        ordering = ["created_at", "id"]

    def __str__(self):
        return f"{self.complaint} {self.get_kind_display()}"

    @property
    def body_id(self):
        return self.complaint.body_id

    @property
    def journal_thread(self):
        return self.complaint_id

    def get_absolute_url(self):
        return self.complaint.get_absolute_url()
