"""Fields that audits need and a plain form has not."""

from django import forms
from django.utils.functional import cached_property

from foundation import files
from foundation.examination import DOCUMENTS
from foundation.forms import CleanCharField, PortalForm


def area(rows: int = 4):
    """Return the widget for some lines of text."""
    return forms.Textarea(attrs={"rows": rows})


class LooseForm(PortalForm):
    """A draft: it may be kept with gaps, so only what stays optional is called optional."""

    optional: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    use_required_attribute = False

    def full_clean(self):
        """Clean without asking for anything but what the row cannot do without."""
        for name, field in self.fields.items():
            field.required = name in self.always
        super().full_clean()

    @cached_property
    def helper(self):
        """Show as optional what is so in the end."""
        for name, field in self.fields.items():
            field.required = name not in self.optional
        return super().helper


def keep(uploads, actor, accept=DOCUMENTS) -> list:
    """Store uploads that a form has judged and return the stored files."""
    return [files.store(upload, actor=actor, accept=accept) for upload in uploads]


class PeopleField(CleanCharField):
    """People, one a line: name, then what they do; cleaned to pairs."""

    widget = forms.Textarea

    def clean(self, value):
        people = []
        for line in super().clean(value).splitlines():
            name, _comma, function = line.replace("，", ",").partition(",")
            if name.strip():
                people.append((name.strip()[:100], function.strip()[:100]))
        return people
