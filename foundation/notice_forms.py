"""The form in which a person chooses when e-mails come."""

from crispy_forms.layout import Field, LayoutObject
from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import notices
from foundation.forms import PortalForm
from foundation.models import Delivery


class Always(LayoutObject):
    """What of a group is sent in any case, and why."""

    def __init__(self, group):
        self.group = group

    def render(self, form, context, template_pack="bootstrap5", **kwargs):
        """Render one line for each thing, or nothing where the choice covers all."""
        rows = [(row.what, row.why) for row in notices.required_in(self.group)]
        if not rows:
            return ""
        lines = format_html_join("", "<li><b>{}</b>: {}</li>", rows)
        title = _("Always sent at once:")
        return format_html('<div class="always"><p>{}</p><ul>{}</ul></div>', title, lines)


class NoticeForm(PortalForm, forms.Form):
    """One choice for each group of notices that reaches a person."""

    submit_label = gettext_lazy("Save")

    def __init__(self, *args, user, groups, **kwargs):
        chosen = notices.choices_of(user)
        super().__init__(*args, **kwargs)
        self.groups = groups
        for group in groups:
            self.fields[group.key] = forms.ChoiceField(
                label=group.title,
                help_text=group.text,
                choices=[(level, Delivery(level).label) for level in group.levels],
                widget=forms.RadioSelect,
                initial=chosen[group.key],
            )

    def get_layout(self):
        parts = []
        for group in self.groups:
            parts += [Field(group.key, wrapper_class="levels"), Always(group)]
        return parts
