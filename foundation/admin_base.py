"""What the pages of the admin share: rows by actor, no writing, the journal, the acts.

Apps register their models with these bases. Who may open the pages of a model stands in the
reviewed table of addresses (``portal.foreign_views``): operators, and for what
its ``ADMIN_FOR_STAFF`` names the staff of a body, who get the rows they may see anyway. Status
fields move along flows only, and what the process needs is never deleted.
"""

from functools import cache
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db.models import ForeignKey, Q, UUIDField
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import resolve
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from foundation import files, journal, timeline
from foundation.access import declared_right
from foundation.admin_acts import Acts
from foundation.models import JournalEntry, Record, StoredFile
from foundation.models.base import subject_type

NOTHING = "–"


def may_open(actor, model) -> bool:
    """Tell whether the actor may open the lists and pages of a model in the admin."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    right = declared_right(None, name)
    return right is not None and bool(right(actor))


class ByActor:
    """Mixin: whoever may open the pages reads; nobody writes unless a class says so.

    Operators see every row. Anybody else sees what ``visible_to`` gives the actor; rows without a
    word of their own are seen by whoever sees the row that ``seen_through`` names.
    """

    seen_through = ""

    def has_module_permission(self, request):
        return may_open(request.actor, self.model)

    def has_view_permission(self, request, obj=None):
        return may_open(request.actor, self.model)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        if request.actor.is_operator:
            return rows
        if not self.seen_through:
            seen = self.model.objects.visible_to(request.actor)
            return seen.order_by(*self.get_ordering(request) or self.opts.ordering)
        parent = self.opts.get_field(self.seen_through).related_model
        seen = parent.objects.visible_to(request.actor)
        return rows.filter(**{f"{self.seen_through}__in": seen})


class RowsInline(ByActor, admin.TabularInline):
    """Rows that belong to the one shown, which was fetched through the actor."""

    extra = 0
    can_delete = False
    view_on_site = False
    template = "admin/rows.html"

    def has_view_permission(self, request, obj=None):
        return may_open(request.actor, self.parent_model)

    def get_fields(self, request, obj=None):
        return [shown(self.model, name, request.actor) for name in self.fields]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def get_queryset(self, request):
        rows = admin.TabularInline.get_queryset(self, request)
        if request.actor.is_operator or not hasattr(self.model.objects, "visible_to"):
            return rows
        return rows.filter(pk__in=self.model.objects.visible_to(request.actor))


@cache
def _plain(model, name):
    """Return the display of a relation whose own page the reader cannot open."""
    field = model._meta.get_field(name)

    @admin.display(description=field.verbose_name)
    def told(obj):
        value = getattr(obj, name)
        if isinstance(value, StoredFile):
            return format_html('<a href="{}">{}</a>', value.get_absolute_url(), value.name)
        return NOTHING if value is None else str(value)

    told.__name__ = name
    return told


def shown(model, name, actor):
    """Return how a field is shown: a file as its download, a relation as far as one may go."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    if not isinstance(field, ForeignKey):
        return name
    related = field.related_model
    is_link = related is not StoredFile and may_open(actor, related)
    return name if is_link else _plain(model, name)


class ReadOnlyAdmin(ByActor, Acts, admin.ModelAdmin):
    """Rows that the process writes: every field, the files and the journal are shown.

    ``hidden`` fields are folded away at the end of the page, ``uuid_fields`` are searched beside
    the key by whoever pastes an identifier from an address, ``story`` shows the journal of the
    whole case beside the row's own.
    """

    list_per_page = 50
    show_full_result_count = False
    empty_value_display = NOTHING
    view_on_site = False
    change_form_template = "admin/record.html"
    object_history_template = "admin/journal.html"
    hidden: tuple[str, ...] = ()
    uuid_fields: tuple[str, ...] = ()
    story = False

    def get_fields(self, request, obj=None):
        names = self.fields
        if not names:
            every = (*self.opts.concrete_fields, *self.opts.many_to_many)
            names = [field.name for field in every if field.name not in self.hidden]
        return [shown(self.model, name, request.actor) for name in names]

    def get_fieldsets(self, request, obj=None):
        folded = (_("As stored"), {"classes": ["collapse"], "fields": self.hidden})
        return [*super().get_fieldsets(request, obj), *([folded] if self.hidden else [])]

    def get_readonly_fields(self, request, obj=None):
        return [*self.get_fields(request, obj), *self.hidden]

    def get_search_results(self, request, queryset, search_term):
        """Find a row by its whole identifier, else by the words."""
        try:
            key = UUID(search_term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, search_term)
        names = [*self.uuid_fields]
        if isinstance(self.opts.pk, UUIDField):
            names.append("pk")
        found = Q(pk__in=[])
        for name in names:
            found |= Q(**{name: key})
        return queryset.filter(found), False

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        """Add the row's page in the portal, its files and what this actor may do with it."""
        if obj is not None:
            context |= {
                "portal_page": _portal_page(request, obj),
                "acts": self.acts_of(request, obj),
                "attached": files.attachments_of(obj, actor=request.actor)
                if isinstance(obj, Record)
                else [],
            }
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    def history_view(self, request, object_id, extra_context=None):
        """Show the journal of the row instead of what was done in the admin alone."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Journal of %(object)s") % {"object": obj},
            "subtitle": None,
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": obj,
            "opts": self.opts,
            "links_entries": may_open(request.actor, JournalEntry),
            "entries": [
                {"entry": entry, "text": text_of(entry)}
                for entry in self.entries_of(obj, request.actor)
            ],
        }
        return TemplateResponse(request, self.object_history_template, context)

    def entries_of(self, obj, actor):
        """Return what the actor may read of the journal of a row, newest first."""
        if not isinstance(obj, Record):
            return JournalEntry.objects.none()
        own = Q(subject_type=subject_type(obj), subject_id=obj.pk)
        return JournalEntry.objects.visible_to(actor).filter(
            own | Q(thread=obj.journal_thread) if self.story else own
        )


class JournaledAdmin(ReadOnlyAdmin):
    """Rows that operators keep: they are added and changed, each time with a journal entry."""

    verbs = ("recorded", "changed")

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields

    def get_fields(self, request, obj=None):
        return admin.ModelAdmin.get_fields(self, request, obj)

    def has_add_permission(self, request, obj=None):
        return request.actor.is_operator

    def has_change_permission(self, request, obj=None):
        return request.actor.is_operator

    def facts(self, row) -> dict:
        """Return what the journal entry says beside the names of the changed fields."""
        return {}

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        facts = {**self.facts(form.instance), "changed": form.changed_data if change else []}
        journal.record(form.instance, self.verbs[change], request.actor, facts)


def _portal_page(request, obj) -> str:
    """Return the address of the row's page in the portal, when this actor may open it."""
    if not hasattr(obj, "get_absolute_url"):
        return ""
    url = obj.get_absolute_url()
    match = resolve(url)
    right = declared_right(match.func, match.view_name)
    return url if right is not None and right(request.actor) else ""


def text_of(entry):
    """Say what an entry tells; a verb that no flow knows any more stands for itself."""
    try:
        return timeline.text_of(entry)
    except KeyError:
        return entry.verb
