"""Organisations, their sites and people, for operators."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.admin_base import JournaledAdmin, ReadOnlyAdmin, RowsInline
from organisations.admin_import import SheetPages
from organisations.enums import ROLES_OF
from organisations.forms.organisations import OrganisationForm, ProfileForm
from organisations.models import (
    ApiKey,
    BodyProfile,
    DishonestyListing,
    Handover,
    Invitation,
    Membership,
    Organisation,
    Site,
)
from organisations.services.keys import end_key
from organisations.services.organisations import change_organisation, change_profile
from organisations.services.teams import add_member, end_membership


class SiteRows(RowsInline):
    model = Site
    fields = ["name_zh", "name_en", "address_zh", "is_central", "active"]
    show_change_link = True


class MemberRows(RowsInline):
    model = Membership
    fields = ["user", "role", "created_at", "ended_at"]


@admin.register(Organisation)
class OrganisationAdmin(SheetPages, ReadOnlyAdmin):
    """Operators correct the facts as the organisation itself can, by the same service."""

    form = OrganisationForm
    fields = ["kind", *OrganisationForm.Meta.fields, "created_at"]
    readonly_fields = ["kind", "created_at"]
    list_display = ["__str__", "kind", "identifier", "country", "region", "created_at"]
    list_filter = ["kind", "created_at"]
    search_fields = ["name_zh", "name_en", "identifier"]
    story = True
    inlines = [SiteRows, MemberRows]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields

    def has_change_permission(self, request, obj=None):
        return request.actor.is_operator

    def save_model(self, request, obj, form, change):
        present = Organisation.objects.visible_to(request.actor).get(pk=obj.pk)
        change_organisation(actor=request.actor, organisation=present, facts=form.cleaned_data)


@admin.register(BodyProfile)
class BodyProfileAdmin(ReadOnlyAdmin):
    """The status moves by the flow's actions; the rest by the service the body uses itself."""

    form = ProfileForm
    fields = ["organisation", "status", *ProfileForm.Meta.fields]
    readonly_fields = ["organisation", "status"]
    list_display = ["organisation", "status", "approval_number", "approval_valid_until",
                    "short_code"]  # fmt: skip
    list_filter = ["status"]
    list_select_related = ["organisation"]
    search_fields = ["organisation__name_zh", "organisation__name_en", "approval_number",
                     "short_code"]  # fmt: skip
    uuid_fields = ("organisation_id",)
    act_page = "organisations:body_do"

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields

    def has_change_permission(self, request, obj=None):
        return request.actor.is_operator

    def save_model(self, request, obj, form, change):
        present = BodyProfile.objects.visible_to(request.actor).get(pk=obj.pk)
        change_profile(actor=request.actor, profile=present, facts=form.cleaned_data)


@admin.register(Site)
class SiteAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "organisation", "address_zh", "is_central", "active"]
    list_filter = ["is_central", "active"]
    list_select_related = ["organisation"]
    search_fields = ["name_zh", "name_en", "address_zh", "organisation__name_zh",
                     "organisation__name_en"]  # fmt: skip
    uuid_fields = ("organisation_id",)


class MembershipForm(forms.ModelForm):
    """A role for a person who has an account, where the role exists."""

    class Meta:
        model = Membership
        fields = ["user", "organisation", "role"]

    def clean(self):
        facts = super().clean()
        user, organisation = facts.get("user"), facts.get("organisation")
        if organisation and facts.get("role") not in ROLES_OF[organisation.kind]:
            self.add_error("role", _("This organisation has no such role."))
        if user and user.is_staff:
            self.add_error("user", _("Operators belong to no organisation."))
        return facts


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Where nobody is left who could invite, an operator gives the role; ended, never deleted."""

    form = MembershipForm
    autocomplete_fields = ["user", "organisation"]
    list_display = ["user", "organisation", "role", "created_at", "ended_at"]
    list_filter = ["role", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__name", "user__email", "organisation__name_zh",
                     "organisation__name_en"]  # fmt: skip
    uuid_fields = ("organisation_id",)
    actions = ["end"]

    def get_fields(self, request, obj=None):
        return MembershipForm.Meta.fields if obj is None else super().get_fields(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else super().get_readonly_fields(request, obj)

    def has_add_permission(self, request, obj=None):
        return request.actor.is_operator

    def save_model(self, request, obj, form, change):
        obj.pk = add_member(
            actor=request.actor,
            organisation=obj.organisation,
            email=obj.user.email,
            name=obj.user.name,
            role=obj.role,
        ).pk

    @admin.action(description=_("End the chosen roles"))
    def end(self, request, queryset):
        """End roles as their organisation could; the last who runs one keeps the role."""
        for row in queryset.filter(ended_at=None).select_related("user", "organisation"):
            try:
                end_membership(actor=request.actor, membership=row)
            except ValidationError as error:
                self.message_user(request, f"{row}: {error.messages[0]}", messages.ERROR)
            else:
                self.message_user(request, _("%(role)s has ended.") % {"role": row})


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["name", "prefix", "user", "organisation", "scopes", "expires_at",
                    "last_used_at", "ended_at"]  # fmt: skip
    list_filter = ["created_at", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "organisation"]
    search_fields = ["name", "prefix", "user__name", "user__email"]
    uuid_fields = ("organisation_id",)
    actions = ["end"]

    @admin.action(description=_("End the chosen keys"))
    def end(self, request, queryset):
        """End keys at once, as their people could."""
        for key in queryset:
            if end_key(request=request, key=key):
                self.message_user(request, _("%(key)s has ended.") % {"key": key})


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["email", "organisation", "roles", "invited_by", "expires_at", "accepted_at",
                    "withdrawn_at"]  # fmt: skip
    list_filter = ["created_at", "replaces", ("accepted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["organisation", "invited_by"]
    search_fields = ["email", "organisation__name_zh", "organisation__name_en"]
    uuid_fields = ("organisation_id",)


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin):
    list_display = ["organisation", "role", "offered_by", "offered_to", "expires_at",
                    "accepted_at", "withdrawn_at"]  # fmt: skip
    list_filter = ["created_at"]
    list_select_related = ["organisation", "offered_by", "offered_to"]
    search_fields = ["organisation__name_zh", "organisation__name_en", "offered_to__name"]
    uuid_fields = ("organisation_id",)


@admin.register(DishonestyListing)
class DishonestyListingAdmin(JournaledAdmin):
    """The list of sanctions: entries are removed by a date, not deleted."""

    verbs = ("listing_recorded", "listing_changed")
    list_display = ["identifier", "name_zh", "listed_on", "removed_on", "source"]
    list_filter = ["listed_on", ("removed_on", admin.EmptyFieldListFilter)]
    search_fields = ["identifier", "name_zh", "source"]
