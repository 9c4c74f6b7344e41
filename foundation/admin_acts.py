"""Acts in the admin: the transitions of a row's flow, with the portal's own refusals.

An act whose page in the portal asks for no more than a reason is taken here, for one row or for
many; each row is one transaction. Every other act is a link to its page in the portal.
"""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation.actor import OPERATOR
from foundation.transition_forms import TransitionForm
from foundation.workflow import FLOW_OF, REASON, Transition, WorkflowRefusal, perform

MOST = 200


@dataclass(frozen=True)
class Act:
    """What an actor may do with a row; with an ``url`` when it is done in the portal."""

    transition: Transition
    blockers: list[Any]
    url: str = ""


class Acts:
    """Mixin of a model admin: the acts of the model's flow.

    ``act_page`` is the name of the address of a transition's page in the portal, which takes the
    row's key and the action.
    """

    act_page = ""

    @property
    def flow(self):
        return FLOW_OF.get(self.opts.label_lower) if self.act_page else None

    def is_taken_here(self, transition: Transition) -> bool:
        """Tell whether the page of a transition asks for no more than a reason.

        Whoever must prove again who he or she is does so on that page too.
        """
        return (
            not transition.confirmed
            and set(transition.requires) <= {REASON}
            and _asks_no_more(self.act_page, transition.action)
        )

    def acts_of(self, request, obj) -> list[Act]:
        """Return what this actor may do with a row now, as the portal offers it."""
        if self.flow is None:
            return []
        return [
            Act(
                one.transition,
                one.blockers,
                ""
                if self.is_taken_here(one.transition)
                else reverse(self.act_page, args=[obj.pk, one.transition.action]),
            )
            for one in self.flow.actions_for(obj, request.actor)
        ]

    def get_actions(self, request):
        """Add what somebody in the actor's roles may do to many rows at once."""
        actions = super().get_actions(request)
        for transition in self.flow.transitions if self.flow else ():
            if _is_for(transition, request.actor) and self.is_taken_here(transition):
                name = transition.action
                actions[name] = (partial(_act, action=name), name, transition.title)
        return actions


def _is_for(transition, actor) -> bool:
    """Tell whether the roles of an actor can pass the right at all; the row decides later."""
    roles = transition.right.roles
    return OPERATOR in roles if actor.is_operator else bool(actor.roles & roles)


@cache
def _asks_no_more(page: str, action: str) -> bool:
    view: Any = resolve(reverse(page, args=[UUID(int=0), action])).func
    form = view.view_class.forms.get(action, TransitionForm)
    return not set(form.base_fields) - {REASON}


def _act(modeladmin, request, queryset, *, action):
    """Take a transition on every chosen row, after asking for the reason where one is needed."""
    flow = modeladmin.flow
    transition = flow.transition(action)
    if queryset.count() > MOST:
        words = _("Choose %(n)s rows at most.") % {"n": MOST}
        modeladmin.message_user(request, words, messages.ERROR)
        return None
    rows = list(queryset)
    if not rows:
        return None
    facts = {"obj": rows[0], "actor": request.actor, "transition": transition}
    asks = bool(transition.requires) or transition.serious
    form = TransitionForm(
        request.POST if "confirmed" in request.POST or not asks else None, **facts
    )
    if not form.is_valid():
        return _ask(modeladmin, request, rows, form)
    done = 0
    for row in rows:
        try:
            perform(flow, row, action, request.actor, **form.facts())
        except WorkflowRefusal as refusal:
            modeladmin.message_user(request, f"{row}: {refusal}", messages.ERROR)
        else:
            done += 1
    if done:
        words = ngettext("%(title)s: %(n)s row.", "%(title)s: %(n)s rows.", done)
        modeladmin.message_user(request, words % {"title": transition.title, "n": done})
    return _back(modeladmin, request, rows)


def _back(modeladmin, request, rows):
    """Lead back to where the act was chosen: the row's own page, or the list as it was."""
    opts = modeladmin.opts
    name = f"admin:{opts.app_label}_{opts.model_name}"
    if "from_row" in request.POST:
        return HttpResponseRedirect(reverse(f"{name}_change", args=[rows[0].pk]))
    query = request.META["QUERY_STRING"]
    return HttpResponseRedirect(reverse(f"{name}_changelist") + (f"?{query}" if query else ""))


def _ask(modeladmin, request, rows, form):
    """Show what the act means, on which rows, and what stands in its way there."""
    flow, actor = modeladmin.flow, request.actor
    transition = form.transition
    shown = [
        {
            "row": row,
            "status": flow.states(flow.status_of(row)).label,
            "why": _why(flow, row, transition, actor),
        }
        for row in rows
    ]
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": transition.title,
        "opts": modeladmin.opts,
        "transition": transition,
        "form": form,
        "rows": shown,
        "checkbox": ACTION_CHECKBOX_NAME,
        "from_row": "from_row" in request.POST,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/act.html", context, status=status)


def _why(flow, row, transition, actor) -> list:
    """Return why an act is not possible on a row; nothing when it is."""
    try:
        access = flow.may(row, transition.action, actor)
    except WorkflowRefusal as refusal:
        return [refusal]
    if not access:
        return [access.reason]
    return transition.blockers(row, actor)
