"""The shared form: order inside a field, the summary on top, and what its fields refuse."""

import re

import pytest
from django import forms
from django.template import Context, Template

from foundation.forms import CleanCharField, CodeField, DateField, Group, PortalForm, TimeInput

PAGE = Template("{% load crispy_forms_tags %}{% crispy form %}")


class SampleForm(PortalForm, forms.Form):
    submit_label = "Send application"
    secondary = ("/back/", "Cancel")
    autosave = True

    name = CleanCharField(label="Legal name", help_text="As on the <licence>.")
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "Initial"), ("b", "Transfer")], widget=forms.RadioSelect
    )
    region = forms.ChoiceField(label="Region", choices=[("", "Choose"), ("33", "Zhejiang")])
    started = DateField(label="Started", required=False)
    licence = forms.FileField(label="Licence")
    agreed = forms.BooleanField(label="I agree", help_text="Signed.")

    def get_layout(self):
        return Group("Who <you> are", "name", "kind"), "region", "started", "licence", "agreed"


def shown(form):
    return PAGE.render(Context({"form": form}))


def test_field_puts_label_hint_error_and_input_in_this_order():
    page = shown(SampleForm({"name": ""}))
    parts = ['for="id_name"', 'id="id_name_helptext"', 'id="id_name_error"', 'name="name"']
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    described = re.search(r'name="name"[^>]*aria-describedby="([^"]*)"', page).group(1)
    assert described == "id_name_helptext id_name_error"


def test_help_text_is_escaped():
    assert "As on the &lt;licence&gt;." in shown(SampleForm())
    assert "Who &lt;you&gt; are" in shown(SampleForm())


def test_summary_repeats_each_error_and_links_to_its_field():
    page = shown(SampleForm({}))
    summary = page[page.index('class="error-summary"') : page.index("</div>")]
    assert re.findall(r'<a href="#([^"]*)">([^<]*)</a>', summary) == [
        ("id_name", "Fill in “Legal name”."),
        ("id_kind_0", "Choose an answer for “Kind”."),
        ("id_region", "Choose an answer for “Region”."),
        ("id_licence", "Choose a file for “Licence”."),
        ("id_agreed", "Tick “I agree” to go on."),
    ]
    for target in ("id_name", "id_kind_0", "id_region", "id_licence", "id_agreed"):
        assert f'id="{target}"' in page


def test_own_required_message_stays():
    class Own(PortalForm, forms.Form):
        name = forms.CharField(error_messages={"required": "Say who you are."})

    form = Own({})
    assert form.errors["name"] == ["Say who you are."]


def test_errors_of_the_whole_form_stand_in_the_summary_without_a_link():
    class Whole(PortalForm, forms.Form):
        def clean(self):
            raise forms.ValidationError("The offer has run out.")

    page = shown(Whole({}))
    assert "<li>The offer has run out.</li>" in page


def test_form_leaves_checking_to_the_server_and_keeps_drafts():
    page = shown(SampleForm())
    tag = re.search(r"<form[^>]*>", page).group(0)
    assert "novalidate" in tag
    assert "data-autosave" in tag
    assert 'enctype="multipart/form-data"' in tag
    assert "data-saved" in page
    assert "js/autosave.js" in page
    assert '<a class="btn btn-bare" href="/back/">Cancel</a>' in page
    assert page.count("btn-primary") == 1


def test_optional_fields_say_so_and_required_ones_carry_no_star():
    page = shown(SampleForm())
    assert page.count("(optional)") == 1
    assert "*" not in page


def test_date_field_takes_iso_dates_only():
    field = DateField()
    assert field.clean("2026-03-16").isoformat() == "2026-03-16"
    for typed in ("16/03/2026", "2026-02-30", "tomorrow"):
        with pytest.raises(forms.ValidationError, match="real date"):
            field.clean(typed)


def test_time_input_shows_minutes():
    field = forms.TimeField(widget=TimeInput())
    assert 'type="time"' in field.widget.render("at", field.clean("09:05"))
    assert 'value="09:05"' in field.widget.render("at", field.clean("09:05:59"))


@pytest.mark.parametrize(
    "character", ["\u202e", "\u200b", "\u2066", "\x07", "\ufeff", "\ue000", "\n"]
)
def test_clean_text_refuses_what_cannot_be_seen(character):
    with pytest.raises(forms.ValidationError, match=f"U\\+{ord(character):04X}"):
        CleanCharField().clean(f"Lanhai{character}Precision")


def test_clean_text_keeps_lines_of_a_long_answer_and_composes_letters():
    field = CleanCharField(widget=forms.Textarea)
    assert field.clean("one\ntwo") == "one\ntwo"
    assert CleanCharField().clean("Mu\u0308ller") == "Müller"
    assert CleanCharField().clean("宁波蓝海 𬭎 Co.") == "宁波蓝海 𬭎 Co."


def test_code_ignores_width_blanks_and_case():
    assert CodeField().clean(" ９１33 0200ma2af2k17x ") == "91330200MA2AF2K17X"
