"""What an operator records of an order that changes a body's approval."""

from crispy_forms.layout import Field, Layout
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import ApprovalCause, ApprovalChangeKind
from certification.services.approvals import problems
from foundation.forms import CleanCharField, DateField, Group, PortalForm
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval, TechnicalArea


class ApprovalsField(forms.ModelMultipleChoiceField):
    """Approvals of a body, each by scheme, reference and how it stands."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj):
        return f"{obj.scheme.title} · {obj.reference} · {obj.get_standing_display()}"


class ApprovalChangeForm(PortalForm, forms.Form):
    """Kind, approvals, what falls away, and the order it rests on."""

    submit_label = _("Look at what it reaches")
    confirm_leave = True
    kind = forms.ChoiceField(
        label=_("What changes"), choices=ApprovalChangeKind.choices, widget=forms.RadioSelect
    )
    approvals = ApprovalsField(label=_("Approvals"), queryset=BodyApproval.objects.none())
    areas = forms.ModelMultipleChoiceField(
        label=_("Technical areas that fall away"),
        queryset=TechnicalArea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("When it becomes narrower."),
    )
    last_day = DateField(
        label=_("Last day in force"),
        required=False,
        help_text=_("When it becomes narrower: an earlier end. Leave empty to keep the end."),
    )
    takes_effect_on = DateField(label=_("Takes effect on"))
    cause = forms.ChoiceField(
        label=_("Cause"), choices=ApprovalCause.choices, widget=forms.RadioSelect
    )
    reference = CleanCharField(label=_("Reference of the order"), max_length=60)
    reason = CleanCharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The body reads it word for word; enterprises and the public do not."),
    )

    def __init__(self, *args, body, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        rows = body.approvals.filter(Q(valid_to=None) | Q(valid_to__gte=today))
        rows = rows.exclude(standing=ApprovalStanding.WITHDRAWN).select_related("scheme")
        self.fields["approvals"].queryset = rows
        held = TechnicalArea.objects.filter(approvals__in=rows).distinct()
        self.fields["areas"].queryset = held.order_by("position")
        self.initial.setdefault("takes_effect_on", today)

    def clean(self):
        facts = super().clean()
        if facts.get("kind") and facts.get("kind") != ApprovalChangeKind.NARROW:
            facts["areas"], facts["last_day"] = TechnicalArea.objects.none(), None
        wanted = ("kind", "approvals", "takes_effect_on")
        if all(facts.get(name) for name in wanted):
            named = {name: facts.get(name) for name in (*wanted, "areas", "last_day")}
            for field, text in problems(**named):
                self.add_error(field, text)
        return facts

    def get_layout(self):
        return Layout(
            Group(_("Change"), "kind", "approvals", Field("areas", wrapper_class="columns"),
                  "last_day"),
            Group(_("Order"), "takes_effect_on", "cause", "reference", "reason"),
        )  # fmt: skip
