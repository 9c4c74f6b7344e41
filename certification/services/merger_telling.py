"""Who is told what about a merger."""

from certification.models import Merger
from foundation.formatting import day
from foundation.notices import in_both, notify
from organisations.enums import Role

# The job that looks whether anything of a merger is left.
SETTLE = "certification.settle_merger"


def tell(kind: str, merger: Merger, organisation, *roles, url: str = "", **facts) -> None:
    """Tell people of one of the two enterprises."""
    notify(
        kind,
        to=organisation.people(*(roles or (Role.OWNER,))),
        obj=merger,
        url=url or merger.get_absolute_url(),
        number=merger.number,
        absorbed_zh=merger.absorbed.name_zh,
        absorbed_en=merger.absorbed.name_en,
        absorbing_zh=merger.absorbing.name_zh,
        absorbing_en=merger.absorbing.name_en,
        **in_both("date", day, merger.takes_effect_on),
        **facts,
    )


def tell_both(kind: str, merger: Merger, **facts) -> None:
    """Tell the owners and members of both enterprises."""
    for organisation in (merger.absorbed, merger.absorbing):
        tell(kind, merger, organisation, Role.OWNER, Role.MEMBER, **facts)
