from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.checks.planning import planning_blockers
from audits.checks.team import Bench, team_blockers
from audits.enums import TeamRole
from audits.flows.audits import AUDIT_FLOW
from audits.forms.planning import MemberForm, PlanningForm
from audits.queries import pages
from audits.services import planning as services
from certification.models import ProgrammeItem
from foundation import editing
from foundation.access import needs
from foundation.workflow import StaleState
from organisations.enums import Role
from organisations.models import Membership
from organisations.rights import PLANNER


@require_POST
@needs(PLANNER)
def start(request, pk):
    """Begin to plan an audit of the programme."""
    item = get_object_or_404(ProgrammeItem.objects.visible_to(request.actor), pk=pk)
    try:
        found = services.start_planning(item, request.actor)
    except StaleState as refusal:
        messages.info(request, str(refusal))
        return redirect("audits:programme")
    return redirect("audits:planning", pk=found.pk)


def _planned(request, pk):
    """Return the audit, or say why this person may not plan it now."""
    rows = pages.audit_rows(request.actor).prefetch_related("case__applications")
    found = get_object_or_404(rows, pk=pk)
    access = PLANNER(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status not in services.PLANNING:
        raise PermissionDenied(
            _("Dates and team are fixed while the audit is “%(state)s”.")
            % {"state": found.get_status_display()}
        )
    return found


@needs(PLANNER)
def planning(request, pk):
    """Settle dates, manner, places and team of an audit."""
    found = _planned(request, pk)
    form = PlanningForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.change_planning(audit=found, actor=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        editing.tell(request)
        return redirect(f"{reverse('audits:planning', args=[pk])}#team")
    if form.errors:
        found = _planned(request, pk)
    bench = _bench(found)
    blockers = [*planning_blockers(found), *team_blockers(found, bench)]
    context = {
        "audit": found,
        "form": form,
        "candidates": _candidates(found, bench),
        "blockers": blockers,
        "propose": AUDIT_FLOW.find(
            found.status, "announce" if found.is_short_notice else "propose"
        ),
        "objections": found.objections.filter(answered_at=None) if found.proposed_at else (),
        "sites_drawn": set(found.sample.get("drawn", ())),
    }
    return render(request, "audits/planning.html", context, status=422 if form.errors else 200)


def _people(audit):
    return Membership.objects.people(audit.body_id, [Role.AUDITOR])


def _bench(audit) -> Bench:
    """Return the auditors of the body, and members of the team who are none any more."""
    people = {person.pk: person for person in _people(audit)}
    people |= {member.user_id: member.user for member in audit.members.all()}
    return Bench(audit, people.values())


def _candidates(audit, bench) -> list[dict]:
    """Return members first, then who is free and covers most, then who cannot come and why."""
    members = {member.user_id: member for member in audit.members.all()}
    rows = []
    for person in bench.people:
        member = members.get(person.pk)
        standing = bench.standing(person, member.role if member else TeamRole.AUDITOR)
        rows.append(
            {
                "person": person,
                "member": member,
                "standing": standing,
                "cautions": bench.cautions(person),
                "roles": [TeamRole(role) for role in standing.roles],
                "available": not standing.reasons,
            }
        )
    rows.sort(
        key=lambda row: (
            row["member"] is None,
            not row["available"],
            -len(row["standing"].covers),
            row["person"].name,
        )
    )
    return rows


@require_POST
@needs(PLANNER)
def team_add(request, pk):
    """Put somebody on the team, or change the role of a member."""
    found = _planned(request, pk)
    form = MemberForm(request.POST, people=_people(found))
    if form.is_valid():
        try:
            services.add_member(audit=found, actor=request.actor, **form.cleaned_data)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
    else:
        messages.error(request, _("Choose a person of the body and a role."))
    return redirect(f"{reverse('audits:planning', args=[pk])}#team")


@require_POST
@needs(PLANNER)
def team_remove(request, pk, member_pk):
    """Take somebody off the team."""
    found = _planned(request, pk)
    member = get_object_or_404(found.members, pk=member_pk)
    services.remove_member(audit=found, actor=request.actor, member=member)
    return redirect(f"{reverse('audits:planning', args=[pk])}#team")
