from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountEvent, Connection, SignInSession, User
from accounts.services.people import switched_off, take_factors_off
from foundation.admin import ReadOnlyAdmin


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class PersonAdmin(UserAdmin):
    add_form = PersonCreationForm
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "language"]
    search_fields = ["email", "name", "name_latin"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["name", "name_latin", "language"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "name", "usable_password", "password1", "password2"],
            },
        )
    ]

    actions = ["take_factors_off"]

    def save_model(self, request, obj, form, change):
        """End the sessions of somebody who is made inactive."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            switched_off(request, obj)

    @admin.action(description=_("Take the second factors off"))
    def take_factors_off(self, request, queryset):
        """Help people who lost telephone and recovery codes, once it is sure who asks."""
        if not request.actor.confirmed:
            messages.info(request, _("Confirm first that it is you, then choose it again."))
            back = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('account_reauthenticate')}?{back}")
        for user in queryset:
            count = take_factors_off(request, user)
            words = _("%(person)s: factors taken off: %(n)s.") % {"person": user, "n": count}
            self.message_user(request, words, messages.SUCCESS if count else messages.WARNING)
        return None

    def has_delete_permission(self, request, obj=None):
        """People stand in the journal; an account is made inactive instead."""
        return False


@admin.register(AccountEvent)
class AccountEventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "user", "device", "address", "detail"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "address"]


@admin.register(SignInSession)
class SignInSessionAdmin(ReadOnlyAdmin):
    list_display = ["user", "device", "address", "created_at", "seen_at"]
    list_filter = ["created_at", "seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "address"]

    def get_fields(self, request, obj=None):
        """Leave the key out: whoever has it, has the session."""
        return self.list_display


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ["user", "provider", "email", "created_at", "last_used_at"]
    list_filter = ["provider", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "email", "subject"]
