"""The application review: who may, what stands in the way, what follows."""

import datetime as dt

import pytest
from django.utils import timezone

from certification.enums import ApplicationStatus, Criterion, Verdict
from certification.models import ApplicationReview
from certification.queries.review import facts_of
from certification.services import review as services
from certification.services.applications import application_answer
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from organisations.actors import actor_for
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import BodyApproval, Competence
from tests.certification.contractwork import (
    NOTE,
    act,
    fresh,
    in_review,
    judge_all,
    reviewed,
    set_time,
    submitted,
)

S = ApplicationStatus
_UNEXPLAINED = "Not met, and the note does not say what makes it acceptable"


def refusals(application, action, actor, **data):
    """Return in words why an act is refused; nothing when it went through."""
    try:
        act(application, action, actor, **data)
    except Incomplete as refusal:
        return [str(blocker) for blocker in refusal.blockers]
    return []


def unacceptable(cast, application):
    """Return in words why the reviewer cannot accept an application."""
    return refusals(application, "accept", cast.actor("reviewer"), justification="We can.")


def texts(refusal):
    return [str(blocker) for blocker in refusal.value.blockers]


def test_start_review_assigns_the_reviewer(cast):
    application = in_review(cast)
    assert application.status == S.IN_REVIEW
    assert application.reviewer == cast.reviewer
    review = ApplicationReview.objects.get(application=application)
    assert (review.reviewer, review.no_conflict, review.verdicts) == (cast.reviewer, True, {})


@pytest.mark.parametrize("declared", [{}, {"no_conflict": False}, {"no_conflict": "yes"}])
def test_start_review_wants_the_declaration(cast, declared):
    application = submitted(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "start_review", cast.actor("reviewer"), **declared)
    assert texts(refusal) == [
        "Declare that you have no conflict of interest, or leave the review to a colleague."
    ]
    assert fresh(application).status == S.SUBMITTED


WORKED_THERE = (
    "You belong or belonged to this enterprise within the last 2 years, "
    "so somebody else must review its application."
)


def employ(user, organisation, ended_days_ago=None):
    """Let somebody belong to an organisation, or have belonged to it."""
    ended = timezone.now() - dt.timedelta(days=ended_days_ago) if ended_days_ago else None
    Membership.objects.create(
        user=user, organisation=organisation, role=Role.MEMBER, ended_at=ended
    )


@pytest.mark.parametrize(("ended_days_ago", "refused"), [(None, True), (700, True), (800, False)])
def test_start_review_refuses_who_worked_there_within_two_years(cast, ended_days_ago, refused):
    application = submitted(cast)
    employ(cast.planner, cast.enterprise)
    employ(cast.reviewer, cast.enterprise, ended_days_ago)
    actor = actor_for(cast.reviewer, cast.body.pk)
    found = refusals(application, "start_review", actor, no_conflict=True)
    assert found == ([WORKED_THERE] if refused else [])


def test_accept_refuses_who_came_to_belong_to_the_enterprise(cast):
    application = reviewed(cast)
    employ(cast.reviewer, cast.enterprise)
    assert unacceptable(cast, application) == [WORKED_THERE]


def second_reviewer(cast):
    Membership.objects.create(user=cast.planner, organisation=cast.body, role=Role.REVIEWER)
    return cast.actor("planner")


def test_only_the_assigned_reviewer_goes_on(cast):
    application = in_review(cast)
    other = second_reviewer(cast)
    with pytest.raises(NotAllowed) as refusal:
        act(application, "decline", other, reason="No.")
    assert str(refusal.value) == (
        f"{cast.reviewer.name} reviews this application. Take it over if that cannot go on."
    )
    with pytest.raises(NotAllowed):
        services.judge(
            application=application, criterion=Criterion.SCOPE, verdict=Verdict.MET, note="",
            actor=other,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        services.ask(application=application, field="scope_zh", reason="Why?", actor=other)


def test_take_over_moves_the_review_and_keeps_it_internal(cast):
    application = in_review(cast)
    other = second_reviewer(cast)
    application = act(application, "take_over", other, no_conflict=True, reason="Ill.")
    assert application.reviewer == cast.planner
    assert application.status == S.IN_REVIEW
    entry = JournalEntry.objects.get(verb="application.take_over")
    assert entry.internal_to == cast.body.pk
    assert entry.data == {"reason": "Ill.", "before": cast.reviewer.name}
    with pytest.raises(NotAllowed):
        act(application, "decline", cast.actor("reviewer"), reason="No.")


def test_take_over_wants_the_declaration_and_a_reason(cast):
    application = in_review(cast)
    assert refusals(application, "take_over", second_reviewer(cast)) == [
        "Declare that you have no conflict of interest, or leave the review to a colleague.",
        "Say why.",
    ]


def test_take_over_refuses_who_worked_there(cast):
    application = in_review(cast)
    second_reviewer(cast)
    employ(cast.planner, cast.enterprise, 700)
    actor = actor_for(cast.planner, cast.body.pk)
    found = refusals(application, "take_over", actor, no_conflict=True, reason="Ill.")
    assert found == [WORKED_THERE]


def test_take_over_of_ones_own_review_is_refused(cast):
    application = in_review(cast)
    with pytest.raises(NotAllowed):
        act(application, "take_over", cast.actor("reviewer"), no_conflict=True, reason="x")


def test_verdicts_are_kept_with_version_and_person(cast):
    application = in_review(cast)
    services.judge(
        application=application,
        criterion="scope",
        verdict="not_met",
        note="Too wide",
        actor=cast.actor("reviewer"),
    )
    kept = ApplicationReview.objects.get().verdicts["scope"]
    assert (kept["verdict"], kept["note"], kept["version"], kept["by"]) == (
        "not_met", "Too wide", 1, cast.reviewer.pk,
    )  # fmt: skip


def test_verdicts_end_with_the_review(cast):
    application = reviewed(cast)
    act(application, "decline", cast.actor("reviewer"), reason="No.")
    with pytest.raises(WrongState):
        judge_all(cast, application)


def test_return_wants_a_question(cast):
    application = in_review(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "return", cast.actor("reviewer"))
    assert texts(refusal) == ["Say what the applicant must complete: add at least one question."]


def ask(cast, application, **questions):
    for field, reason in questions.items():
        services.ask(
            application=application, field=field, reason=reason, actor=cast.actor("reviewer")
        )


def test_return_sends_all_questions_at_one_moment_in_one_notice(cast):
    application = in_review(cast)
    ask(cast, application, scope_zh="Too short.", processes="Which machines?")
    ask(cast, application, scope_zh="Too short, say what is designed.")
    Notice.objects.all().delete()
    application = act(application, "return", cast.actor("reviewer"))
    assert application.status == S.RETURNED
    rows = list(application.requests.order_by("field"))
    assert [(row.field, row.reason) for row in rows] == [
        ("processes", "Which machines?"),
        ("scope_zh", "Too short, say what is designed."),
    ]
    assert len({row.sent_at for row in rows} - {None}) == 1
    notices = Notice.objects.filter(kind="application.returned")
    assert {notice.recipient for notice in notices} == {cast.owner, cast.member}
    assert {notice.params["count"] for notice in notices} == {"2"}


def test_a_question_can_be_taken_back_until_it_is_sent(cast):
    application = in_review(cast)
    ask(cast, application, scope_zh="Too short.")
    services.take_back(
        application=application,
        question=application.requests.get(),
        actor=cast.actor("reviewer"),
    )
    assert list(application.requests.all()) == []


def resubmitted(cast, application, **answers):
    application_answer(application=fresh(application), actor=cast.actor("owner"), answers=answers)
    return act(application, "submit", cast.actor("owner"), declared=True)


def test_resubmission_goes_back_to_its_reviewer_with_the_differences(cast):
    application = reviewed(cast)
    ask(cast, application, scope_zh="Too short.")
    act(application, "return", cast.actor("reviewer"))
    application = resubmitted(cast, application, scope_zh="精密齿轮箱的设计、生产和维修")
    with pytest.raises(NotAllowed):
        act(application, "start_review", second_reviewer(cast), no_conflict=True)
    application = act(application, "start_review", cast.actor("reviewer"), no_conflict=True)
    changes = facts_of(application).changes
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("scope_zh", "精密齿轮箱的设计与生产", "精密齿轮箱的设计、生产和维修")
    ]
    verdicts = ApplicationReview.objects.get().verdicts
    open_points = [key for key, kept in verdicts.items() if kept["verdict"] == "open"]
    assert open_points == ["scope"]
    assert verdicts["scope"]["note"] == NOTE


def test_points_not_met_are_open_again_after_a_resubmission(cast):
    application = in_review(cast)
    judge_all(cast, application, verdict=Verdict.NOT_MET, note="x")
    ask(cast, application, safety_conditions="Which?")
    act(application, "return", cast.actor("reviewer"))
    application = resubmitted(cast, application, safety_conditions="Ear protection")
    act(application, "start_review", cast.actor("reviewer"), no_conflict=True)
    verdicts = ApplicationReview.objects.get().verdicts
    assert {kept["verdict"] for kept in verdicts.values()} == {"open"}


def test_accept_passes_when_everything_is_settled(cast):
    application = reviewed(cast)
    Notice.objects.all().delete()
    application = act(application, "accept", cast.actor("reviewer"), justification="We can.")
    assert application.status == S.ACCEPTED
    assert ApplicationReview.objects.get().justification == "We can."
    told = {(notice.kind, notice.recipient) for notice in Notice.objects.all()}
    assert told == {
        ("application.accepted", cast.owner),
        ("application.accepted", cast.member),
        ("application.offer_due", cast.manager),
    }


def test_accept_wants_a_justification(cast):
    application = reviewed(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "accept", cast.actor("reviewer"))
    assert [blocker.field for blocker in refusal.value.blockers] == ["justification"]


def test_accept_lists_everything_at_once(cast):
    application = in_review(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "accept", cast.actor("reviewer"), justification="x")
    found = texts(refusal)
    assert [text for text in found if text.startswith("Not yet judged")] == [
        f"Not yet judged: {criterion.label}" for criterion in Criterion
    ]
    assert "The audit time is not computed." in found
    assert all(blocker.url for blocker in refusal.value.blockers)


@pytest.mark.parametrize(
    ("criterion", "note", "expected"),
    [
        ("scope", "Small, but clear enough after a call.", []),
        (
            "scope",
            " ",
            [f"{_UNEXPLAINED}: The scope is clear and fits the activities"],
        ),
        (
            "impartiality",
            "It will be fine.",
            ["Not met, and no reason can make up for it: No threat to impartiality remains"],
        ),
    ],
)  # fmt: skip
def test_points_must_be_met_or_justified(cast, criterion, note, expected):
    application = reviewed(cast)
    services.judge(
        application=application,
        criterion=criterion,
        verdict=Verdict.NOT_MET,
        note=note,
        actor=cast.actor("reviewer"),
    )
    assert unacceptable(cast, application) == expected


def test_unsent_questions_block_the_acceptance(cast):
    application = reviewed(cast)
    ask(cast, application, scope_zh="Too short.")
    assert unacceptable(cast, application) == [
        "Questions to the applicant are waiting to be sent: 1. Send or remove them."
    ]


def test_the_body_must_be_approved_on_the_day(cast):
    application = reviewed(cast)
    BodyApproval.objects.filter(body=cast.body, scheme__code="QMS").update(
        valid_to=timezone.localdate() - dt.timedelta(days=1)
    )
    assert unacceptable(cast, application) == [
        "The body is not approved today for Quality management in area 18 Machinery and equipment."
    ]


def test_areas_must_be_chosen(cast):
    application = reviewed(cast)
    application.schemes.get().areas.clear()
    assert unacceptable(cast, application) == ["Quality management: no technical area is chosen."]


def test_competence_to_audit_must_be_available(cast):
    application = reviewed(cast)
    Competence.objects.filter(user=cast.auditor2).update(valid_until=dt.date(2021, 1, 1))
    [found] = unacceptable(cast, application)
    assert "1 of at least 2 auditors" in found


def test_somebody_other_than_the_reviewer_must_be_able_to_decide(cast):
    application = reviewed(cast)
    Competence.objects.filter(role="certifier").update(user=cast.reviewer)
    Membership.objects.create(user=cast.reviewer, organisation=cast.body, role=Role.CERTIFIER)
    assert unacceptable(cast, application) == [
        "Nobody but the reviewer could decide on Quality management: name another certifier."
    ]


def test_a_category_must_be_chosen_where_the_table_has_some(cast):
    application = in_review(cast, schemes=("QMS", "EMS"))
    application.schemes.filter(scheme__code="EMS").update(category="medium")
    judge_all(cast, application)
    set_time(cast, application)
    application.schemes.filter(scheme__code="EMS").update(category="")
    assert unacceptable(cast, application) == [
        "Environmental management: choose the complexity or risk category."
    ]
    application.schemes.filter(scheme__code="EMS").update(category="medium")
    assert unacceptable(cast, application) == []


def test_the_audit_time_must_be_that_of_the_last_version(cast):
    application = in_review(cast)
    judge_all(cast, application)
    assert unacceptable(cast, application) == ["The audit time is not computed."]
    set_time(cast, application)
    ask(cast, application, scope_zh="Too short.")
    act(application, "return", cast.actor("reviewer"))
    resubmitted(cast, application, scope_zh="精密齿轮箱的设计、生产和维修")
    act(application, "start_review", cast.actor("reviewer"), no_conflict=True)
    judge_all(cast, application)
    assert unacceptable(cast, application) == [
        "The applicant has sent a new version since the audit time was computed."
    ]


@pytest.mark.parametrize(
    ("facts", "blocked"),
    [
        ({"consultancy_used": False}, False),
        ({"consultancy_used": True, "consultancy_by": "Somebody Ltd."}, False),
        ({"consultancy_used": True, "consultancy_by": "华臻认证有限公司（杭州）"}, True),
        ({"consultancy_used": True, "consultancy_by": "HUAZHEN Certification Co., Ltd."}, True),
    ],
)
@pytest.mark.parametrize(("ended_days_ago", "in_time"), [(None, True), (700, True), (800, False)])
def test_consultancy_by_the_body_blocks_for_two_years(
    cast, facts, blocked, ended_days_ago, in_time
):
    application = reviewed(cast)
    ended = timezone.localdate() - dt.timedelta(days=ended_days_ago) if ended_days_ago else None
    for name, value in (facts | {"consultancy_until": ended}).items():
        setattr(application, name, value)
    application.save()
    expected = (
        "The body itself advised this enterprise within the last 2 years. "
        "The application cannot be accepted."
    )
    found = unacceptable(cast, application)
    assert found == ([expected] if blocked and in_time else [])


def test_decline_tells_the_reason_and_drops_unsent_questions(cast):
    application = in_review(cast)
    ask(cast, application, scope_zh="Too short.")
    Notice.objects.all().delete()
    application = act(application, "decline", cast.actor("reviewer"), reason="Not our field.")
    assert application.status == S.DECLINED
    assert list(application.requests.all()) == []
    notice = Notice.objects.filter(recipient=cast.owner).get()
    assert (notice.kind, notice.params["reason"]) == ("application.declined", "Not our field.")


def test_decline_wants_a_reason(cast):
    application = in_review(cast)
    with pytest.raises(Incomplete) as refusal:
        act(application, "decline", cast.actor("reviewer"), reason="")
    assert texts(refusal) == ["Say why."]


OTHERS = ("owner", "member", "manager", "planner", "auditor", "certifier", "supervisor",
          "inspector", "operator", "rival_owner", "rival_manager", "anonymous")  # fmt: skip


def test_nobody_else_may_act_in_a_review(cast):
    application = in_review(cast)
    for person in OTHERS:
        for action in ("return", "accept", "decline", "set_time"):
            with pytest.raises(NotAllowed):
                act(application, action, cast.actor(person), reason="x")


def test_nobody_else_may_start_a_review(cast):
    application = submitted(cast)
    for person in OTHERS:
        with pytest.raises(NotAllowed):
            act(application, "start_review", cast.actor(person), no_conflict=True)
