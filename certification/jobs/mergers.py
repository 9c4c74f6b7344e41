"""Mergers: what lapses, what is left, and the end of an enterprise that has gone up in another."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import MergerStatus
from certification.flows.mergers import MERGER_FLOW
from certification.models import Merger
from certification.services import mergers
from certification.services.merger_telling import SETTLE
from foundation import jobs, sweeps
from foundation.actor import SYSTEM
from foundation.daily import daily
from foundation.workflow import perform


def _settle(merger: Merger) -> bool:
    """Tell bodies of cases that came up since, and complete the merger when nothing is left."""
    if mergers.ask_bodies(merger, SYSTEM, merger.confirmed_by):
        return True
    if mergers.left_over(merger):
        return False
    perform(MERGER_FLOW, merger, "complete", SYSTEM)
    return True


def _lapse(merger: Merger) -> None:
    perform(MERGER_FLOW, merger, "lapse", SYSTEM)


def sweep_mergers(progress: sweeps.Progress = sweeps.silent) -> int:
    """Let lapse what nobody confirmed in time, and complete what is settled. Returns how many."""
    acts = sweeps.Acts(progress)
    late = Merger.objects.filter(status=MergerStatus.PROPOSED, confirm_by__lt=timezone.localdate())
    agreed = Merger.objects.filter(status=MergerStatus.AGREED)
    acts.do(list(late.order_by("number")), _lapse)
    acts.do(list(agreed.select_related("absorbed", "absorbing").order_by("number")), _settle)
    return acts.end()


@daily("certification.mergers", hour=2, title=_("Settle mergers of enterprises"))
def nightly(job):
    """Do it for all; a missed night is caught up by the next."""
    sweep_mergers(lambda percent: jobs.progress(job, percent))


sweeps.register("mergers", "certification.mergers", sweep_mergers)


@jobs.job(SETTLE, title=_("See what is left of a merger"))
def settle_one(job):
    """Look at one merger right after something of it was settled."""
    merger = Merger.objects.filter(pk=job.subject_id, status=MergerStatus.AGREED).first()
    if merger is not None:
        _settle(merger)
