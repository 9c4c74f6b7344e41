"""Handing out work from the queue, many pieces at once."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from foundation.assignments import ASSIGNS, assign
from foundation.forms import PortalForm
from foundation.lists.bulk import BulkAction


def colleagues(actor):
    """Return the people of the actor's organisation, by name; without one there are none."""
    if actor.organisation_id is None:
        return User.objects.none()
    return (
        User.objects.filter(
            memberships__organisation=actor.organisation_id,
            memberships__ended_at=None,
            is_active=True,
        )
        .distinct()
        .order_by("name")
    )


class AssignForm(PortalForm, forms.Form):
    """To whom the chosen work is given."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Who does it"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose a colleague"),
        help_text=gettext_lazy("What this person may not do stays where it is, with the reason."),
    )

    def __init__(self, data=None, *, actor):
        super().__init__(data)
        self.fields["person"].queryset = colleagues(actor)

    def facts(self) -> dict:
        """Return the person as a job keeps it."""
        return {"person": self.cleaned_data["person"].pk}


def hand_out(item, actor, person):
    """Give one piece of work to a colleague."""
    found = colleagues(actor).filter(pk=person).first()
    if found is None:
        raise ValidationError(_("This person does not belong to your organisation any more."))
    assign(actor=actor, item=item, person=found)


def take(item, actor):
    """Take one piece of work oneself."""
    assign(actor=actor, item=item, person=actor.user)


def give_back(item, actor):
    """Leave one piece of work to everybody who may do it."""
    assign(actor=actor, item=item, person=None)


ACTIONS = (
    BulkAction(
        "assign",
        gettext_lazy("Assign"),
        hand_out,
        title=gettext_lazy("Assign work"),
        text=gettext_lazy("The person is told; the work leaves the queues of all others."),
        right=ASSIGNS,
        form=AssignForm,
    ),
    BulkAction(
        "take",
        gettext_lazy("Take it myself"),
        take,
        text=gettext_lazy("The work leaves the queues of all others."),
        right=ASSIGNS,
    ),
    BulkAction(
        "release",
        gettext_lazy("Give back"),
        give_back,
        text=gettext_lazy("The work returns to the queues of all who may do it."),
        right=ASSIGNS,
    ),
)
