"""What a body is approved for, as lists show it."""

from datetime import date

from django.db.models import Q

from organisations.models import Organisation
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval
from schemes.queries.standing import Line, Standing, area_ranges, standing


def approvals_of(actor, body: Organisation):
    """Return a body's approvals, past ones too, with what lists show of them."""
    rows = BodyApproval.objects.visible_to(actor).filter(body=body)
    return rows.select_related("scheme").prefetch_related("areas")


def lasting(today: date) -> Q:
    """Return the condition of what holds today or will."""
    return Q(valid_to=None) | Q(valid_to__gte=today)


def line(row: BodyApproval, today: date) -> Line:
    """Return an approval with its areas and its state in words."""
    state = standing(row.valid_from, row.valid_to, today)
    if row.standing != ApprovalStanding.HOLDS and row.holds_on(today):
        kind = "suspended" if row.standing == ApprovalStanding.SUSPENDED else "withdrawn"
        state = Standing(kind, str(row.get_standing_display()), warns=True)
    return Line(row, area_ranges(row.areas.all()), state)
