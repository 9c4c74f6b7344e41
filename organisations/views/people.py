"""Who belongs to an organisation: invite, leave, remove, hand over."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from foundation.access import IS_OPERATOR, SIGNED_IN, needs, public
from foundation.throttle import allow
from organisations.actors import SESSION_KEY
from organisations.forms.people import (
    ConfirmForm,
    HandoverForm,
    InviteForm,
    JoinForm,
    ReplaceForm,
)
from organisations.models import Handover, Membership, Organisation
from organisations.queries import with_mail
from organisations.rights import ACTS, ADMINISTERS
from organisations.services import invitations, teams

GET_AND_POST = ["GET", "HEAD", "POST"]
GONE, TOO_MANY = 410, 429
# How many invitations one person may send an hour.
HOURLY = 40


def _own(request, pk) -> Organisation:
    """Return one's own organisation, or any for an operator; 404 otherwise."""
    actor = request.actor
    found = get_object_or_404(Organisation.objects.visible_to(actor), pk=pk)
    if not actor.is_operator and found.pk != actor.organisation_id:
        raise Http404
    return found


def _run(request, pk) -> Organisation:
    """Return an organisation the actor runs, or answer 404 or 403."""
    found = _own(request, pk)
    access = ADMINISTERS(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    return found


def _page(request, found, form, title, *, intro="", status=None):
    back = reverse("organisations:people", args=[found.pk])
    context = {"form": form, "title": title, "intro": intro, "back": back}
    answer = status or (422 if form.is_bound else 200)
    return render(request, "foundation/form.html", context, status=answer)


@require_safe
@needs(SIGNED_IN)
def people(request, pk):
    """List who belongs to an organisation in which roles, and who is invited."""
    found = _own(request, pk)
    rows = Membership.objects.current().filter(organisation=found).select_related("user")
    by_person = {}
    for row in rows.order_by("user__name", "created_at"):
        by_person.setdefault(row.user, []).append(row)
    administers = bool(ADMINISTERS(request.actor, found))
    context = {
        "organisation": found,
        "people": by_person,
        "administers": administers,
        "belongs": request.user in by_person,
        "invitations": with_mail(found.invitations.unanswered().select_related("invited_by"))
        if administers or request.actor.is_operator
        else [],
        "handovers": found.handovers.open().select_related("offered_by", "offered_to"),
    }
    return render(request, "organisations/people.html", context)


@require_http_methods(GET_AND_POST)
@needs(ADMINISTERS)
def invite(request, pk):
    """Invite somebody by e-mail."""
    found = _run(request, pk)
    form = InviteForm(request.POST or None, organisation=found)
    title, intro = _("Invite a person"), _("The link in the mail is good once, for seven days.")
    if not form.is_bound or not form.is_valid():
        return _page(request, found, form, title, intro=intro)
    if not allow(request, "invite", amount=HOURLY, seconds=3600, key=str(request.user.pk)):
        form.add_error(None, _("Too many invitations within an hour. Go on later."))
        return _page(request, found, form, title, intro=intro, status=TOO_MANY)
    try:
        invitations.invite(actor=request.actor, organisation=found, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, found, form, title, intro=intro)
    words = _("The invitation to %(email)s is on its way.") % {"email": form.cleaned_data["email"]}
    messages.success(request, words)
    return redirect("organisations:people", found.pk)


def _invitation_of(request, pk, invitation_pk):
    found = _run(request, pk)
    return get_object_or_404(found.invitations.visible_to(request.actor), pk=invitation_pk)


@require_POST
@needs(ADMINISTERS)
def invitation_again(request, pk, invitation_pk):
    """Send an invitation again, with a new link."""
    row = _invitation_of(request, pk, invitation_pk)
    if not allow(request, "invite", amount=HOURLY, seconds=3600, key=str(request.user.pk)):
        messages.error(request, _("Too many invitations within an hour. Go on later."))
        return redirect("organisations:people", pk)
    try:
        invitations.send_again(actor=request.actor, invitation=row)
    except invitations.InvitationOverError:
        messages.info(request, _("This invitation was answered or withdrawn meanwhile."))
    else:
        messages.success(request, _("A new link is on its way; the old one is over."))
    return redirect("organisations:people", pk)


@require_POST
@needs(ADMINISTERS)
def invitation_withdraw(request, pk, invitation_pk):
    """Withdraw an invitation."""
    row = _invitation_of(request, pk, invitation_pk)
    try:
        invitations.withdraw(actor=request.actor, invitation=row)
    except invitations.InvitationOverError:
        messages.info(request, _("This invitation was answered or withdrawn meanwhile."))
    else:
        messages.success(request, _("The invitation is withdrawn; its link is over."))
    return redirect("organisations:people", pk)


@require_http_methods(GET_AND_POST)
@never_cache
@sensitive_post_parameters("password")
@public
def invitation(request, token):
    """The page behind the link of an invitation, for whoever opens it."""
    row = invitations.find(token)
    if row is None or not row.is_open:
        return _over(request, row)
    user = request.user
    if not user.is_authenticated:
        return _join(request, row)
    if user.is_staff or not invitations.is_for(row, user):
        return _show(request, row, "wrong", status=200)
    if request.method != "POST":
        return _show(request, row, "accept")
    try:
        invitations.accept(invitation=row, user=user)
    except invitations.InvitationOverError:
        return _over(request, row)
    return _welcome(request, row, redirect("desk"))


def _show(request, row, what, *, form=None, status=200):
    context = {"invitation": row, "what": what, "form": form}
    return render(request, "organisations/invitation.html", context, status=status)


def _over(request, row):
    if row is not None:
        row.refresh_from_db()
    return render(request, "organisations/invitation_over.html", {"invitation": row}, status=GONE)


def _join(request, row):
    """Let somebody without an account make one; anybody else signs in first."""
    if User.objects.filter(email__iexact=row.email).exists():
        return _show(request, row, "sign_in")
    form = JoinForm(request.POST or None, email=row.email)
    if not form.is_bound or not form.is_valid():
        return _show(request, row, "join", form=form, status=422 if form.is_bound else 200)
    try:
        user = invitations.accept_as_new(
            invitation=row, language=get_language(), **form.cleaned_data
        )
    except invitations.InvitationOverError:
        return _over(request, row)
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, row, "join", form=form, status=422)
    record_authentication(request, user, method="password", email=user.email)
    answer = perform_login(request, Login(user=user, redirect_url=reverse("desk")))
    return _welcome(request, row, answer)


def _welcome(request, row, answer):
    request.session[SESSION_KEY] = str(row.organisation_id)
    words = _("You now act for %(name)s") % {"name": row.organisation.name}
    messages.success(request, words)
    return answer


@require_http_methods(GET_AND_POST)
@needs(ADMINISTERS)
def remove(request, pk, user_pk):
    """Ask, then end all roles of a person."""
    found = _run(request, pk)
    person = get_object_or_404(
        User.objects.filter(memberships__organisation=found, memberships__ended_at=None).distinct(),
        pk=user_pk,
    )
    title = _("Remove %(person)s?") % {"person": person}
    intro = _("All roles here end at once. What the person did stays on record.")
    return _end_person(request, found, person, title=title, intro=intro, button=_("Remove"))


@require_http_methods(GET_AND_POST)
@needs(ACTS)
def leave(request, pk):
    """Ask, then end all of one's own roles."""
    found = _own(request, pk)
    title = _("Leave %(name)s?") % {"name": found.name}
    intro = _("You will not see its records any more. Only a new invitation brings you back.")
    return _end_person(request, found, request.user, title=title, intro=intro, button=_("Leave"))


def _end_person(request, found, person, *, title, intro, button):
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    form.submit_label = button
    if form.is_bound and form.is_valid():
        try:
            teams.end_person(actor=request.actor, organisation=found, user=person)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The roles have ended."))
            is_own = person.pk == request.user.pk
            return redirect("desk") if is_own else redirect("organisations:people", found.pk)
    return _page(request, found, form, title, intro=intro)


@require_http_methods(GET_AND_POST)
@needs(ADMINISTERS)
def handover(request, pk):
    """Offer a colleague to take over what one runs."""
    found = _run(request, pk)
    colleagues = User.objects.filter(
        memberships__organisation=found, memberships__ended_at=None, is_active=True
    )
    form = HandoverForm(
        request.POST or None,
        people=colleagues.exclude(pk=request.user.pk).distinct().order_by("name"),
        actor=request.actor,
    )
    intro = _("When your colleague accepts, the role is his or hers and yours ends.")
    if form.is_bound and form.is_valid():
        try:
            teams.offer_handover(
                actor=request.actor, organisation=found, user=form.cleaned_data["person"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Offered. Your colleague has seven days to accept."))
            return redirect("organisations:people", found.pk)
    return _page(request, found, form, _("Hand over"), intro=intro)


@require_POST
@needs(ACTS)
def handover_answer(request, pk, handover_pk):
    """Accept or decline what one was offered, or withdraw what one offered."""
    found = _own(request, pk)
    row = get_object_or_404(Handover.objects.visible_to(request.actor), pk=handover_pk)
    accepts = request.POST.get("answer") == "accept"
    try:
        teams.answer_handover(actor=request.actor, handover=row, accepts=accepts)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("You run it now.") if accepts else _("The offer is over."))
    return redirect("organisations:people", found.pk)


@require_http_methods(GET_AND_POST)
@needs(IS_OPERATOR)
def replace(request, pk):
    """Invite somebody to run an organisation that nobody runs any more."""
    found = get_object_or_404(Organisation.objects.visible_to(request.actor), pk=pk)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReplaceForm(*data, actor=request.actor)
    form.offer_files(request.actor)
    intro = _(
        "Only when those who ran it are gone for good. They are told, and their role ends when the "
        "new person accepts."
    )
    if form.is_bound and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("email", "reason", "evidence")}
        row = invitations.replace_runner(actor=request.actor, organisation=found, **facts)
        words = _("The invitation to %(email)s is on its way.") % {"email": row.email}
        messages.success(request, words)
        return redirect("organisations:people", found.pk)
    return _page(request, found, form, _("Replace who runs it"), intro=intro)
