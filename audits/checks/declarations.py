"""How long the word of a team member on his or her interests is good for."""

from datetime import timedelta

from django.utils import timezone

from schemes.queries import book_of


def is_stale(audit, member) -> bool:
    """Tell whether a declaration is too old for an audit that the client cannot object to.

    ISO/IEC 17021-1:2015 9.6.4.2 asks for additional care in assigning the team; how many days
    that is, the rule set of the case says.
    """
    if member.declared_at is None:
        return False
    days = book_of(audit.case.rule_set).value("short_notice_declaration_days")
    return timezone.now() - member.declared_at > timedelta(days=int(days))
