"""Who plays which story, and when it begins (days after the start of the play)."""

from collections.abc import Generator
from datetime import timedelta

from django.utils import timezone

from audits.enums import Grade
from certification.enums import AuditKind
from portal.demo import complaints, data, parties, stories
from portal.demo.stories import Play

YEARS = 3
DAYS = 365 * YEARS + 270
# How long before today something has to begin to be in its state today.
WATCHED = 3
APPLYING, MERGING, AUDITING, CORRECTING, DECIDING = 8, 13, 75, 130, 150


def _minor():
    return (Grade.MINOR,)


def tiny(desks, clients) -> list[tuple[int, Generator]]:
    """The first enterprise on its way and one certified: enough for a quick look and the tests."""
    first, second = clients[0], clients[2]
    return [
        (DAYS - CORRECTING, stories.correcting(Play(first, desks[0]), "answered")),
        (DAYS - 300, stories.certified(Play(second, desks[0], 1), grades=_minor())),
    ]


def small(desks, clients) -> list[tuple[int, Generator]]:
    """Forty enterprises in every state, with certificates in every status."""
    one, two, three = desks
    plays = [Play(client, one, n) for n, client in enumerate(clients)]
    rival = Play(clients[1], two, 0)
    cast: list[tuple[int, Generator]] = []

    def add(days_ago: int, story: Generator) -> None:
        cast.append((max(DAYS - days_ago, 0), story))

    # The demo enterprise: certified for quality, on its way for environment.
    add(520, stories.certified(plays[0], schemes=("QMS",), grades=_minor(), watched=True,
                               after=20, turns=("no_consequence", "ask")))  # fmt: skip
    second = Play(clients[0], one, 3)
    add(CORRECTING - 4, complaints.disputed(second, schemes=("EMS",)))
    for days_ago, story in complaints.all_of(one):
        add(days_ago, story)
    add(400, stories.certified(rival, grades=_minor()))

    for n, until in enumerate(
        ("draft", "submitted", "in_review", "returned", "accepted", "offered", "declined",
         "rejected", "cancelled", "resubmitted"), start=2
    ):  # fmt: skip
        add(APPLYING + n, stories.draft(plays[n], until))
    add(APPLYING, stories.draft(plays[10], "time_waits"))
    add(45, stories.auditing(plays[9], AuditKind.STAGE_1, "days_wait"))
    for n, until in enumerate(stories.STOPS, start=12):
        kind = AuditKind.STAGE_2 if n % 2 else AuditKind.STAGE_1
        add(AUDITING, stories.auditing(plays[n], kind, until, grades=_minor()))
    add(AUDITING, stories.auditing(plays[19], AuditKind.STAGE_1, "cancelled"))
    add(AUDITING, stories.auditing(plays[20], AuditKind.STAGE_2, "aborted"))
    add(
        AUDITING + 20,
        stories.auditing(plays[21], AuditKind.STAGE_2, "returned", grades=_minor()),
    )
    for n, until in enumerate(
        ("answered", "plan_rejected", "plan_accepted", "evidence", "evidence_rejected", ""),
        start=22,
    ):
        add(CORRECTING, stories.correcting(plays[n], until, grades=_minor()))
    add(DECIDING + 60, stories.refused(plays[28]))
    merges_on = timezone.localdate() - timedelta(days=MERGING)
    for days_ago, n, desk, other, until in (
        (110, 8, one, 0, "proposed"),
        (150, 9, two, 5, "agreed"),
        (160, 28, three, 6, "handed_over"),
        (170, 10, two, 0, ""),
    ):
        play = Play(clients[n], desk, n)
        add(days_ago, stories.merging(play, clients[other], merges_on, until))
    _certified(add, clients, (one, two, three))
    return cast


def _certified(add, clients, desks) -> None:
    """Certificates in every status, shared among the three bodies."""
    one, two, three = desks
    fates = (
        (1350, {}),
        (1320, {"grades": _minor()}),
        (900, {"watched": True, "then": {"action": "suspend", "after": 120}}),
        (700, {"watched": True, "then": {"action": "withdraw_after", "after": 30}}),
        (600, {"watched": True, "then": {"action": "cancel", "after": 40}}),
        (560, {"watched": True, "then": {"action": "reduce", "after": 30}}),
        (500, {"watched": True, "then": {"action": "reinstate", "after": 20}}),
        (480, {"then": {"action": "suspend", "after": 150}}),
        (420, {"grades": _minor(), "rounds": "second_round"}),
        (380, {"then": {"action": "ask_cancellation", "after": 100}}),
        (330, {"then": {"action": "withdraw_after", "after": 60}}),
        (300, {"grades": _minor(), "after": 60, "turns": ("special", "printed", "plan_audit")}),
        (260, {"after": 50, "turns": ("short_notice", "need_application")}),
        (230, {"grades": _minor(), "after": 40, "turns": ("hand_over", "reported")}),
        (210, {"then": {"action": "cancel", "after": 20, "all_of_them": True}}),
        (190, {}),
        (185, {"then": {"action": "suspend", "after": 20}, "turns": ("end_of_suspension",)}),
    )
    pool = [client for n, client in enumerate(clients) if n not in (0, 1)]
    for n, (days_ago, facts) in enumerate(fates):
        client = pool[(n * 2 + 1) % len(pool)]
        desk = (two, three)[n % 2]
        add(days_ago, stories.certified(Play(client, desk, n), **facts))
    add(182, stories.moving(Play(pool[3], two, 5), one))
    several = [client for client in pool if len(client.works.schemes) > 1]
    for n, days_ago in enumerate((290, 265, 240, 215, 195, 180, 170)):
        add(days_ago, stories.certified(Play(several[-1 - n], desks[n % 3], n)))
    for n, days_ago in enumerate((460, 430, 400, 370, 340, 310, 280, 250, 220, 205)):
        client = pool[-1 - n]
        until = "deciding" if n == 1 else ""
        story = stories.certified(Play(client, one, n + 5), watched=n < WATCHED, until=until)
        add(days_ago, story)


def enrol(size: str):
    """Create organisations and people; return (bodies, enterprises)."""
    rows = data.enterprises()
    parties.authority()
    prefixes = ("", "rival", "third")
    desks = [
        parties.body(row, serial, prefix)
        for serial, (row, prefix) in enumerate(zip(data.BODIES, prefixes, strict=True), start=1)
    ]
    auditors = [
        parties.person("auditor" if n == 0 else f"auditor{n + 1}", name)
        for n, name in enumerate(data.AUDITORS)
    ]
    for desk, team in zip(desks, (auditors[:6], auditors[6:9], auditors[9:]), strict=True):
        parties.staff(desk, team)
    clients = []
    for serial, works in enumerate(rows if size == "small" else rows[:3], start=1):
        key, name, member = f"owner{serial}", _owner_name(serial), None
        if serial == 1:
            key, name = "owner", data.ACCOUNTS["owner"]
            member = parties.person("member", data.ACCOUNTS["member"])
        elif serial == 2:  # noqa: PLR2004 -- the second enterprise is the rival
            key, name = "rival-owner", data.ACCOUNTS["rival-owner"]
        clients.append(parties.enterprise(works, serial, parties.person(key, name), member))
    return desks, clients


_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = ("明远", "思齐", "若水", "清和", "一诺", "景行", "知微", "安澜", "怀瑾", "书昀")


def _owner_name(serial: int) -> str:
    return _FAMILY[serial % len(_FAMILY)] + _GIVEN[serial * 3 % len(_GIVEN)]
