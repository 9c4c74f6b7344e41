"""The forms of service evaluations."""

from crispy_forms.layout import HTML, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from certification.queries.evaluations import dimensions_of
from foundation.forms import CleanCharField
from foundation.transition_forms import TransitionForm

_SCALE = [(str(value), str(value)) for value in range(5, 0, -1)]
_WIDGET = (
    '{%% include "components/rating.html" with name="%(name)s" legend=form.%(name)s.label '
    "value=form.%(name)s.value errors=form.%(name)s.errors %%}"
)


class RateForm(TransitionForm):
    """One of five words for each dimension, and a text."""

    comment = CleanCharField(
        label=_("What should the body know?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The body reads it and may reply; it is not published."),
    )

    def __init__(self, *args, obj, **kwargs):
        super().__init__(*args, obj=obj, **kwargs)
        self.dimensions = dimensions_of(obj.moment)
        for dimension in self.dimensions:
            self.fields[dimension.value] = forms.TypedChoiceField(
                label=dimension.label,
                choices=_SCALE,
                coerce=int,
                initial=obj.ratings.get(dimension.value),
            )
        self.fields["comment"].initial = obj.comment

    def get_layout(self):
        """Show the dimensions as rating widgets, then the text."""
        widgets = [HTML(_WIDGET % {"name": dimension.value}) for dimension in self.dimensions]
        return Layout(*widgets, "comment")

    def facts(self) -> dict:
        """Return the ratings by dimension and the text."""
        return {
            "ratings": {
                dimension.value: self.cleaned_data[dimension.value] for dimension in self.dimensions
            },
            "comment": self.cleaned_data["comment"],
        }


class ReplyForm(TransitionForm):
    """The body's answer to a rating."""

    reply = CleanCharField(
        label=_("Reply"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The enterprise reads it. The rating itself stays as it is."),
    )


FORMS = {"give": RateForm, "revise": RateForm, "reply": ReplyForm}
