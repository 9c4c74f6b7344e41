"""The complaints and appeals of the demonstration."""

from contextlib import suppress

from audits.models import Finding
from certification import appeals
from certification.complaint_links import Complainant
from certification.enums import About, Conclusion
from certification.models import Certificate, Complaint
from certification.services.complaints import Filing, file_appeal, file_complaint
from portal.demo import acts, stories
from portal.demo.parties import Desk
from portal.demo.stories import EndOfStory, Play, Wait, rest

# Nobody of this name exists; the address takes no mail.
WHO = {"name": "示例投诉人", "email": "visitor@demo.example"}


def _act(complaint: Complaint, desk: Desk, action: str, person, **facts) -> Complaint:
    return acts.do(complaint, action, acts.actor_in(person, desk.organisation), **facts)


def complaint(desk: Desk, about: str, text: str, *, until="", language="zh-hans", **facts) -> Wait:
    """A complaint of a visitor, up to a state or to its formal end and before the authority."""
    filing = Filing(about=about, body=desk.organisation, text=text, **WHO, **facts)
    if about == About.HOLDER:
        held = Certificate.objects.filter(body=desk.organisation, status="valid")
        filing = Filing(**vars(filing) | {"certificate": held.order_by("number").first()})
    found = file_complaint(filing, language=language)
    rest(until, "received")
    yield 2
    _act(found, desk, "acknowledge", desk.manager)
    rest(until, "acknowledged")
    yield 1
    _act(found, desk, "admit", desk.manager, handler=desk.planner, **_person(found, desk))
    yield 1
    _act(found, desk, "progress", desk.planner, text="已调取现场审核记录，正在核对。")
    rest(until, "investigating")
    yield 6
    _act(found, desk, "report", desk.planner, text="情况属实：末次会议提前结束。建议支持投诉。")
    rest(until, "reported")
    yield 2
    words = "投诉成立。本机构向您致歉，并已安排补充审核。"
    internal = "对审核组长进行培训，下次审核安排见证。"
    facts = {"conclusion": Conclusion.UPHELD, "text": words, "internal": internal}
    _act(found, desk, "decide", desk.manager, **facts)
    yield 3
    _act(found, desk, "close", desk.manager, text="补充审核已于约定日期完成，程序结束。")
    rest(until, "closed")
    yield 2
    acts.do(found, "escalate", Complainant(complaint_id=found.pk))


def _person(found, desk) -> dict:
    if found.about != About.AUDITOR or found.subject_id:
        return {}
    return {"person": desk.auditors[0]}


def disputed(play: Play, **facts) -> Wait:
    """A case whose enterprise does not agree with one of its nonconformities, and appeals."""
    with suppress(EndOfStory):
        yield from stories.correcting(play, "open", **facts)
    yield 2
    client, desk = play.client, play.desk
    actor = acts.actor_in(client.owner, client.organisation)
    shown = Finding.objects.filter(audit__enterprise=client.organisation).exclude(shown_at=None)
    finding = next(row for row in shown.order_by("-created_at") if row.is_nonconformity)
    matter = appeals.find(About.FINDING, finding.pk, actor)
    text = "该记录在审核当日已提供，请查阅附件台账第三页。"
    found = file_appeal(matter, actor=actor, text=text)
    yield 2
    _act(found, desk, "acknowledge", desk.manager)
    yield 1
    _act(found, desk, "admit", desk.manager, handler=desk.manager)
    yield 2
    _act(found, desk, "ask", desk.manager, text="请说明当日由谁向审核组出示了该台账。")


def all_of(desk: Desk) -> list[tuple[int, Wait]]:
    """Return the complaints about one body with the days ago on which they come."""
    shortened = "The closing meeting was over after ten minutes, and nobody showed us the findings."
    return [
        (8, complaint(desk, About.HOLDER, "包装箱上印有认证标志，像是产品认证。",
                      until="investigating")),
        (13, complaint(desk, About.BODY, "三周前询问转换认证，至今没有答复。", until="received")),
        (70, complaint(desk, About.AUDITOR, shortened, language="en", until="closed",
                       named=desk.auditors[0].name)),
        (95, complaint(desk, About.BODY, "证书范围与合同不一致，多次联系未改。")),
    ]  # fmt: skip
