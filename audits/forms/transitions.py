"""What the acts on audits and findings ask for."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audits.checks.days import deviation_of
from audits.enums import AuditStatus, Meeting, Verification
from audits.flows.verification import NEXT, OWN
from audits.forms.fields import PeopleField, area, keep
from audits.queries.judges import possible_judges
from audits.services.limits import latest_extension
from audits.services.meetings import is_late
from foundation.examination import IMAGES
from foundation.file_fields import FilesField
from foundation.formatting import day
from foundation.forms import CleanCharField, DateField
from foundation.transition_forms import TransitionForm
from schemes.queries import book_of


class DeclareForm(TransitionForm):
    no_conflict = forms.TypedChoiceField(
        label=_("Your interests"),
        widget=forms.RadioSelect,
        choices=[
            ("yes", _("Nothing stands against it")),
            ("no", _("Something stands against it")),
        ],
        coerce=lambda value: value == "yes",
    )
    conflict = CleanCharField(
        label=_("What stands against it"), max_length=1000, required=False, widget=area(3)
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        years = book_of(self.obj.case.rule_set).value("consultancy_years")
        self.fields["no_conflict"].help_text = _("The rules look back %(years)s years.") % {
            "years": years
        }

    def clean(self):
        facts = super().clean()
        if facts.get("no_conflict") is False and not facts.get("conflict"):
            self.add_error("conflict", _("Say what stands against it."))
        return facts


class ProposeForm(TransitionForm):
    answer = CleanCharField(
        label=_("Answer to the objection"), max_length=2000, required=False, widget=area()
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.obj.status != AuditStatus.OBJECTED:
            del self.fields["answer"]


class ObjectForm(TransitionForm):
    """Why, and to whom of the team, if it is about people."""

    people = forms.ModelMultipleChoiceField(
        label=_("People you object to"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave it empty when the objection is about the dates."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ids = self.obj.members.values("user")
        self.fields["people"].queryset = get_user_model().objects.filter(pk__in=ids)
        self.fields["people"].label_from_instance = lambda person: person.name


class AnswerObjectionForm(TransitionForm):
    answer = CleanCharField(label=_("Answer to the objection"), max_length=2000, widget=area())


class FewerDaysForm(TransitionForm):
    """Which figures were read, and the reason of the second person."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        found = deviation_of(self.obj)
        self.initial.setdefault("seen", str(found.pk) if found else "")


class ReviewForm(TransitionForm):
    note = CleanCharField(label=_("Note"), max_length=2000, required=False, widget=area())


class _VerificationForm(ReviewForm):
    """How it is verified that the actions work."""

    verification = forms.ChoiceField(
        label=_("How will it be verified?"),
        choices=Verification.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("verification", self.obj.verification or Verification.PAPER)


class AcceptPlanForm(_VerificationForm):
    when = forms.ChoiceField(
        label=_("At which audit, if somebody has to see it?"),
        choices=[(NEXT, _("At the next audit")), (OWN, _("At an audit of its own"))],
        widget=forms.RadioSelect,
        required=False,
        help_text=_("Leave it empty when documents are enough."),
    )
    days = forms.DecimalField(
        label=_("Audit days of its own audit"),
        min_value=0,
        max_digits=4,
        decimal_places=1,
        required=False,
        initial="0.5",
    )
    field_order = ("verification", "when", "days", "note")


class VerifyForm(_VerificationForm):
    field_order = ("verification", "note")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["verification"].label = _("How was it verified?")


class AskExtensionForm(TransitionForm):
    proposed_on = DateField(label=_("By which day?"))
    field_order = ("proposed_on", "reason")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bounds = latest_extension(self.obj, book_of(self.obj.audit.case.rule_set))
        self.fields["proposed_on"].help_text = _between(self.obj, bounds)


class GrantExtensionForm(TransitionForm):
    granted_on = DateField(label=_("New limit"))
    note = CleanCharField(label=_("Note"), max_length=2000, required=False, widget=area())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        bounds = latest_extension(self.obj, book_of(self.obj.audit.case.rule_set))
        self.fields["granted_on"].help_text = _between(self.obj, bounds)
        request = self.obj.extensions.filter(answered_at=None).first()
        if request is not None:
            self.initial.setdefault("granted_on", request.proposed_on)


def _between(finding, latest):
    if latest is None or finding.due_on is None:
        return ""
    facts = {"due": day(finding.due_on), "latest": day(latest)}
    return gettext("After %(due)s, at the latest %(latest)s.") % facts


class NameJudgeForm(TransitionForm):
    judge = forms.ModelChoiceField(label=_("Auditor"), queryset=None)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = [person.pk for person in possible_judges(self.obj)]
        rows = get_user_model().objects.filter(pk__in=people).order_by("name")
        self.fields["judge"].queryset = rows
        self.fields["judge"].label_from_instance = lambda person: person.name


class MeetingForm(TransitionForm):
    """Who was there, with the check-in of the team."""

    meeting = Meeting.OPENING
    team = forms.ModelMultipleChoiceField(
        label=_("Present from the team"), queryset=None, widget=forms.CheckboxSelectMultiple
    )
    others = PeopleField(
        label=_("Present from the enterprise"),
        max_length=4000,
        widget=area(5),
        help_text=_("One person a line: name, then the function after a comma."),
    )
    photos = FilesField(
        label=_("Photos of the meeting"),
        required=False,
        accept=IMAGES,
        help_text=_("With the team and people of the enterprise on them."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        members = self.obj.members.select_related("user")
        self.fields["team"].queryset = members
        self.fields["team"].label_from_instance = lambda member: (
            f"{member.user.name} · {member.get_role_display()}"
        )
        self.initial.setdefault("team", [member.pk for member in members])
        most = int(book_of(self.obj.case.rule_set).value("checkin_photos_max"))
        self.fields["photos"].most = most
        if is_late(self.obj, self.meeting):
            self.fields["explanation"] = CleanCharField(
                label=_("Why the check-in comes so late"),
                max_length=2000,
                widget=area(3),
                help_text=_("It is later than the rules allow. The explanation goes on record."),
            )

    def facts(self):
        facts = super().facts()
        facts["photos"] = keep(facts["photos"], self.actor, IMAGES)
        return facts


class OpenForm(MeetingForm):
    pass


class ExplainForm(TransitionForm):
    explanation = CleanCharField(label=_("Explanation"), max_length=2000, widget=area(3))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["explanation"].help_text = " ".join(
            gettext("%(meeting)s: %(anomaly)s.")
            % {
                "meeting": row.get_meeting_display(),
                "anomaly": ", ".join(map(str, row.anomaly_labels)),
            }
            for row in self.obj.check_ins.all()
            if row.lacks_explanation
        )


class CloseForm(MeetingForm):
    meeting = Meeting.CLOSING
    days_held = forms.DecimalField(
        label=_("Audit days held"),
        min_value=0,
        max_digits=6,
        decimal_places=1,
        help_text=_("The auditors’ time alone."),
    )
    disagreement = CleanCharField(
        label=_("Diverging opinions"),
        max_length=2000,
        required=False,
        widget=area(3),
        help_text=_("Where the enterprise sees a finding differently, in its own words."),
    )
    field_order = ("team", "others", "days_held", "disagreement", "photos", "explanation")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("days_held", self.obj.days_planned)
