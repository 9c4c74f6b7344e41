"""Tell people: a notice in the portal, and an e-mail when the reader wants it.

Kinds of notices belong to groups. A person chooses per group when its e-mails come; a kind that
the rules require is always sent at once and says why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from foundation import jobs
from foundation.models import Delivery, Notice, NoticeChoice
from foundation.models.base import subject_type

MAIL = "foundation.mail_notice"
LEVELS = (Delivery.NOW, Delivery.DIGEST, Delivery.NEVER)


@dataclass(frozen=True)
class Group:
    """Notices for which a person makes one choice.

    ``usual`` holds until a person chooses: at once for what matters, the digest for news.
    ``parties`` are the kinds of organisation whose people get such notices, none for everybody.
    """

    key: str
    title: Any
    text: Any
    usual: str = Delivery.NOW
    levels: tuple[str, ...] = LEVELS
    parties: frozenset[str] = frozenset()
    position: int = 0


@dataclass(frozen=True)
class Required:
    """Why the e-mails of some kinds cannot be switched off, in words for their readers."""

    what: Any
    why: Any


@dataclass(frozen=True)
class Kind:
    """The texts of one kind of notice; ``%(name)s`` takes facts from its params.

    ``attach`` gives the files of its e-mail: name, content, type.
    """

    title: Any
    body: Any
    group: Group
    required: Required | None = None
    attach: Callable[[Notice], Iterable[tuple[str, bytes, str]]] | None = None


KINDS: dict[str, Kind] = {}
GROUPS: dict[str, Group] = {}


def register_group(group: Group) -> Group:
    """Declare a group of notices and return it."""
    GROUPS[group.key] = group
    return group


DUE = register_group(
    Group(
        "due",
        _("What is due"),
        _("One e-mail in the morning when something must be done within a week."),
        usual=Delivery.DIGEST,
        levels=(Delivery.DIGEST, Delivery.NEVER),
        position=90,
    )
)
WORK = register_group(
    Group(
        "work",
        _("Work that reaches you"),
        _("Something new waits for you or your colleagues."),
        position=60,
    )
)


def register(kind: str, *, title, body, group: Group, required=None, attach=None) -> None:
    """Declare a kind of notice: its two texts, its group, and why it is required if it is."""
    KINDS[kind] = Kind(title, body, group, required, attach)


def notify(kind: str, *, to, obj=None, url: str = "", key: str = "", **params) -> list[Notice]:
    """Write a notice for each person inside the current transaction.

    Its e-mail follows as a job, waits for the daily digest or is not sent, as the person chose.
    ``params`` are plain facts; a pair ``name_zh``/``name_en`` reads as ``name`` in the reader's
    language.
    """
    people = list(dict.fromkeys(to))
    levels = deliveries(KINDS[kind], people)
    notices = []
    for user in people:
        notice = Notice.objects.create(
            recipient=user,
            kind=kind,
            params={name: str(value) for name, value in params.items()},
            url=url,
            subject_type=subject_type(obj) if obj is not None else "",
            subject_id=obj.pk if obj is not None else None,
            delivery=levels[user.pk],
        )
        if notice.delivery == Delivery.NOW:
            jobs.enqueue(MAIL, key=f"mail:{notice.pk}", subject=notice)
        notices.append(notice)
    return notices


def deliveries(kind: Kind, people) -> dict[Any, str]:
    """Return when each of these people gets the e-mail of a kind, by key."""
    if kind.required:
        return dict.fromkeys((user.pk for user in people), Delivery.NOW)
    chosen = NoticeChoice.objects.filter(user__in=people, group=kind.group.key)
    usual = dict.fromkeys((user.pk for user in people), kind.group.usual)
    return usual | dict(chosen.values_list("user_id", "level"))


def choices_of(user) -> dict[str, str]:
    """Return the level of every group for a person: as chosen, else as usual."""
    usual = {group.key: group.usual for group in GROUPS.values()}
    chosen = dict(NoticeChoice.objects.filter(user=user).values_list("group", "level"))
    return usual | {key: level for key, level in chosen.items() if key in usual}


@transaction.atomic
def choose(*, user, levels: dict[str, str]) -> None:
    """Keep what a person chose per group; only what differs from the usual is stored.

    What already waits for the digest stays there, unless the person wants none of it any more.
    Raises ValueError for a level that a group does not offer.
    """
    for key, level in levels.items():
        group = GROUPS[key]
        if level not in group.levels:
            raise ValueError(level)
        if level == group.usual:
            NoticeChoice.objects.filter(user=user, group=key).delete()
        else:
            NoticeChoice.objects.update_or_create(user=user, group=key, defaults={"level": level})
        if level == Delivery.NEVER:
            waiting = Notice.objects.filter(recipient=user, kind__in=kinds_of(group))
            waiting.waiting_for_digest().update(delivery=Delivery.NEVER)


def stop(*, user, group: str) -> None:
    """Send no more e-mails of one group; of the digest itself: none of what goes into it."""
    levels: dict[str, str] = {group: Delivery.NEVER}
    if group == DUE.key:
        chosen = choices_of(user)
        levels |= {key: Delivery.NEVER for key in chosen if chosen[key] == Delivery.DIGEST}
    choose(user=user, levels=levels)


def groups_for(parties: Iterable[str]) -> list[Group]:
    """Return the groups whose notices reach people of these kinds of organisation, in order."""
    known = set(parties)
    found = (group for group in GROUPS.values() if not group.parties or group.parties & known)
    return sorted(found, key=lambda group: group.position)


def kinds_of(group: Group) -> list[str]:
    """Return the names of the kinds in a group."""
    return [name for name, kind in KINDS.items() if kind.group == group]


def required_in(group: Group) -> list[Required]:
    """Return what of a group is sent at once whatever a person chooses."""
    found = (kind.required for kind in KINDS.values() if kind.group == group and kind.required)
    return list(dict.fromkeys(found))


def in_both(name: str, write: Callable[[Any], Any], value) -> dict[str, str]:
    """Return a fact of a notice as it is written in each language: ``name_zh``, ``name_en``."""
    facts = {}
    for tag, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            facts[f"{name}_{tag}"] = str(write(value))
    return facts


def texts(notice: Notice) -> tuple[str, str]:
    """Return title and body in the active language."""
    kind = KINDS[notice.kind]
    chinese = (translation.get_language() or "").startswith("zh")
    params = dict(notice.params)
    for name, value in notice.params.items():
        stem, _dot, language = name.rpartition("_")
        if stem and language in {"zh", "en"}:
            other = notice.params.get(f"{stem}_{'en' if language == 'zh' else 'zh'}", "")
            if (language == "zh") == chinese:
                params[stem] = value or other
    return str(kind.title) % params, str(kind.body) % params


def mark_read(rows) -> int:
    """Remember that the person has seen these notices; return how many were new."""
    return rows.filter(read_at=None).update(read_at=timezone.now())
