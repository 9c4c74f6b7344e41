from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.file_fields import FileField
from foundation.forms import CleanCharField, PortalForm


class _Words(PortalForm, forms.Form):
    description = CleanCharField(
        label=_("Description"),
        max_length=300,
        required=False,
        help_text=_("What it is for, in a few words."),
    )


class AddFileForm(_Words):
    """A new document for the files of the organisation."""

    upload = FileField(label=_("File"), is_large=True, from_vault=False)
    field_order = ("upload", "description")
    submit_label = _("Keep the file")


class VersionForm(PortalForm, forms.Form):
    """A newer version of a document."""

    upload = FileField(label=_("Newer version"), is_large=True, from_vault=False)
    submit_label = _("Keep the newer version")


class DescribeFileForm(_Words):
    """Another name or description."""

    name = CleanCharField(
        label=_("Name"),
        max_length=120,
        help_text=_("The ending stays that of the content."),
    )
    field_order = ("name", "description")
    submit_label = _("Save")


class EndFileForm(PortalForm, forms.Form):
    """Nothing but the act."""

    submit_label = _("Take out of use")
    submit_class = "btn-danger"
