"""The night's look at limits that were missed."""

from django.utils.translation import gettext_lazy as _

from certification.services import proposals
from foundation import jobs, sweeps
from foundation.daily import daily


@daily("certification.proposals", hour=2, title=_("Propose what missed limits call for"))
def propose(job):
    """Do it for every limit that has passed; a missed night is caught up by the next."""
    proposals.sweep(lambda percent: jobs.progress(job, percent))


sweeps.register("proposals", "certification.proposals", proposals.sweep)


@jobs.job("certification.suspension_over", title=_("Watch the end of a suspension"))
def watched(job):
    """Do nothing: a release before this one asked for it, and the night looks by itself."""
