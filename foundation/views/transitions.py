"""One view for every transition: what it means, what stands in the way, and the act itself."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from foundation.transition_forms import TransitionForm
from foundation.workflow import (
    Flow,
    Incomplete,
    StaleState,
    WorkflowRefusal,
    WrongState,
    perform,
)


class TransitionView(View):
    """Ask, then perform one action of a flow on an object fetched through the actor.

    A concrete view names its ``flow``, the ``forms`` of actions that ask for more than a
    reason, and may change the template per action. Works as a plain form post.
    """

    flow: Flow
    forms: dict[str, type[TransitionForm]] = {}
    templates: dict[str, str] = {}
    template_name = "foundation/transition.html"

    def get_object(self):
        rows = self.flow.model.objects.visible_to(self.request.actor)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def success_url(self, obj) -> str:
        return obj.get_absolute_url()

    def get_context(self, obj, transition) -> dict:
        """Return what a template of a concrete view needs besides the common facts."""
        return {}

    def done_message(self, obj, transition):
        return transition.done

    def dispatch(self, request, *args, **kwargs):
        obj = self.get_object()
        action = kwargs["action"]
        try:
            transition = self.flow.find(self.flow.status_of(obj), action)
            access = transition.right(request.actor, obj)
            if not access:
                raise PermissionDenied(access.reason)
            return self.handle(obj, transition)
        except (StaleState, WrongState) as refusal:
            return self.refuse(obj, refusal)

    def handle(self, obj, transition):
        form_class = self.forms.get(transition.action, TransitionForm)
        facts = {"obj": obj, "actor": self.request.actor, "transition": transition}
        if self.request.method != "POST":
            form = form_class(**facts)
            return self.show(obj, transition, form, transition.blockers(obj, self.request.actor))
        form = form_class(self.request.POST, self.request.FILES, **facts)
        if not form.is_valid():
            blockers = transition.blockers(obj, self.request.actor)
            guessing = form.has_error("password", "too_many_login_attempts")
            return self.show(obj, transition, form, blockers, status=429 if guessing else 422)
        try:
            done = perform(self.flow, obj, transition.action, self.request.actor, **form.facts())
        except Incomplete as refusal:
            return self.show(obj, transition, form, refusal.blockers, status=409)
        messages.success(self.request, self.done_message(done, transition))
        return redirect(self.success_url(done))

    def show(self, obj, transition, form, blockers, status=200):
        context = {
            "object": obj,
            "transition": transition,
            "form": form,
            "blockers": blockers,
            "back": self.success_url(obj),
            **self.get_context(obj, transition),
        }
        template = self.templates.get(transition.action, self.template_name)
        return render(self.request, template, context, status=status)

    def refuse(self, obj, refusal: WorkflowRefusal):
        """Say kindly that the record moved on, and lead back to it."""
        obj.refresh_from_db()
        if self.request.headers.get("HX-Request"):
            # A part of the page asked, so the page itself is out of date: go to the record.
            return HttpResponse(status=204, headers={"HX-Redirect": self.success_url(obj)})
        return render(
            self.request,
            "foundation/moved_on.html",
            {"object": obj, "refusal": refusal, "back": self.success_url(obj)},
            status=409,
        )
