"""What people are told about complaints and appeals."""

from django.utils.translation import gettext_lazy as _

from certification.notices.groups import APPEALS, CERTIFICATES
from foundation.notices import WORK, register

# What who complained or appealed is told at each step: by mail with the private link, or as a
# notice. Never what was written: a mail is read by others.
TOLD = {
    "received": (
        _("%(number)s: we have your complaint"),
        _("%(body)s acknowledges it and looks into it. You can follow it and add to it there."),
    ),
    "acknowledged": (
        _("%(number)s is acknowledged"),
        _("%(body)s has confirmed that it has it."),
    ),
    "admitted": (
        _("%(number)s is being investigated"),
        _("Somebody of %(body)s who took no part in the matter handles it."),
    ),
    "question": (
        _("%(number)s: a question to you"),
        _("%(body)s needs an answer of yours to go on."),
    ),
    "progress": (
        _("%(number)s: how it stands"),
        _("%(body)s reports progress."),
    ),
    "decided": (
        _("%(number)s is decided"),
        _("%(body)s has decided. Read what and why."),
    ),
    "not_admitted": (
        _("%(number)s is not admitted: formal notice of the end"),
        _("%(body)s gives its reason. You may turn to the authority."),
    ),
    "ended": (
        _("%(number)s: formal notice of the end"),
        _("%(body)s has ended the procedure. If it does not settle the matter, you may turn to "
          "the authority."),
    ),
    "late": (
        _("%(number)s: a limit was missed"),
        _("%(body)s has not acted in time. You may turn to the authority with the whole file."),
    ),
    "escalated": (
        _("%(number)s is with the authority"),
        _("It has the whole file. %(body)s has been told."),
    ),
    "noted": (
        _("%(number)s: a note of the authority"),
        _("The authority has written to everybody concerned."),
    ),
}  # fmt: skip
for event, (title, body) in TOLD.items():
    register(f"appeal.{event}", title=title, body=body, group=CERTIFICATES, required=APPEALS)

register(
    "complaint.received",
    title=_("%(number)s was received: %(about)s"),
    body=_("Acknowledge it within the limit, then name somebody independent to handle it."),
    group=WORK,
)
register(
    "complaint.assigned",
    title=_("%(number)s: you handle it"),
    body=_("%(about)s. Gather what is needed, report progress, then report the result."),
    group=WORK,
)
register(
    "complaint.reported",
    title=_("%(number)s waits for a decision"),
    body=_("%(about)s. The result of the investigation is there."),
    group=WORK,
)
register(
    "complaint.added",
    title=_("%(number)s: something new from who complained"),
    body=_("Read it on the page of %(number)s."),
    group=WORK,
)
register(
    "complaint.client_answered",
    title=_("%(number)s: %(enterprise)s has answered"),
    body=_("Its answer to the complaint is in the file."),
    group=WORK,
)
register(
    "complaint.withdrawn",
    title=_("%(number)s was withdrawn"),
    body=_("Nothing more is to be done."),
    group=WORK,
)
register(
    "complaint.to_decide_anew",
    title=_("%(number)s: an appeal was upheld, decide anew"),
    body=_("%(about)s. Nothing changes by itself: somebody who took no part decides anew."),
    group=WORK,
)
register(
    "complaint.settled",
    title=_("%(number)s: it was decided anew"),
    body=_("The formal notice of the end can be sent now."),
    group=WORK,
)
register(
    "complaint.due",
    title=_("%(number)s is due on %(date)s"),
    body=_("%(left)s: %(about)s."),
    group=WORK,
)
register(
    "complaint.escalated",
    title=_("%(number)s was brought to the authority"),
    body=_("The authority has the whole file. Go on: it changes nothing in the procedure."),
    group=WORK,
)
register(
    "complaint.escalated_to_you",
    title=_("%(number)s was brought to you: %(body)s"),
    body=_("%(about)s. The whole file is there; you may write a note that everybody reads."),
    group=WORK,
)
register(
    "complaint.noted",
    title=_("%(number)s: a note of the authority"),
    body=_("The authority has written to everybody concerned."),
    group=WORK,
)
register(
    "complaint.passed_on",
    title=_("%(number)s: a complaint concerns you"),
    body=_("%(body)s asks what you say to it."),
    group=CERTIFICATES,
)
register(
    "complaint.decided",
    title=_("%(number)s is decided"),
    body=_("%(body)s has decided on the complaint that concerns you."),
    group=CERTIFICATES,
)
