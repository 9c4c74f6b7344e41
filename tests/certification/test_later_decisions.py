"""What is decided after the certificate: to maintain, to renew, to extend, or not to."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    Cause,
    CertificateStatus,
    DecisionKind,
    Part,
    Recommendation,
)
from certification.flows.applications import APPLICATION_FLOW
from certification.models import Case, Certificate, Decision
from certification.services.cases import open_case
from foundation.workflow import Incomplete, NotAllowed, perform
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import BodyApproval, Competence
from tests.certification.casework import (
    act,
    audited,
    certified_case,
    decide_as,
    put_all_in_force,
    reasons,
    signed_application,
    travel,
)


def test_surveillance_is_followed_by_maintaining(cast):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING
    decide_as(cast, case, "maintain")
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED
    kinds = list(Decision.objects.order_by("created_at").values_list("kind", flat=True))
    assert kinds == [DecisionKind.GRANT, DecisionKind.MAINTAIN]


def test_surveillance_with_an_open_major_is_not_followed_by_maintaining(cast):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1, open_majors=1)
    case.refresh_from_db()
    assert reasons(cast, case, "maintain") == [
        "First surveillance audit: 1 major nonconformity is not verified and closed."
    ]


def test_a_certified_case_is_not_granted_again(cast):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    with pytest.raises(NotAllowed):
        decide_as(cast, case, "grant")


def test_a_decision_must_be_the_one_the_audits_call_for(cast):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    assert reasons(cast, case, "renew") == [
        "The reported audits call for another decision: Maintain."
    ]


@pytest.mark.parametrize(
    ("action", "kind", "called_for"),
    [
        ("maintain", AuditKind.RECERTIFICATION, "Renew"),
        ("renew", AuditKind.SPECIAL, "Maintain"),
        ("extend", AuditKind.SURVEILLANCE_1, "Maintain"),
        ("extend", AuditKind.RECERTIFICATION, "Renew"),
    ],
)
def test_no_other_decision_is_taken_than_the_audits_call_for(cast, action, kind, called_for):
    case = certified_case(cast)
    audited(case, kind)
    case.refresh_from_db()
    assert reasons(cast, case, action) == [
        f"The reported audits call for another decision: {called_for}."
    ]


def test_nothing_is_maintained_without_an_audit(cast):
    case = certified_case(cast)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.DECIDING)
    case.refresh_from_db()
    assert reasons(cast, case, "maintain") == ["No audit has reported since the last decision."]


def test_there_is_nothing_to_refuse_after_a_surveillance(cast):
    case = certified_case(cast)
    audited(case, AuditKind.SURVEILLANCE_1)
    case.refresh_from_db()
    assert reasons(cast, case, "decline_change") == [
        "The reported audits call for another decision: Maintain."
    ]


def _to_recertification(cast, case, day):
    audited(case, AuditKind.RECERTIFICATION, last_day=day)
    case.refresh_from_db()


def test_renewing_follows_the_old_end_and_enters_the_next_cycle(cast):
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = certified_case(cast)
    with time_machine.travel(dt.datetime(2029, 5, 20, 2, tzinfo=dt.UTC), tick=False):
        _to_recertification(cast, case, dt.date(2029, 5, 10))
        decide_as(cast, case, "renew")
        put_all_in_force(case)
    case.refresh_from_db()
    certificate = case.certificates.get()
    assert (case.cycle, case.cycle_starts_on) == (2, dt.date(2029, 5, 20))
    assert certificate.status == CertificateStatus.VALID
    assert certificate.effective_on == dt.date(2029, 5, 20)
    assert certificate.expires_on == dt.date(2032, 6, 11)
    assert certificate.first_issued_on == dt.date(2026, 6, 12)
    assert [row.status for row in certificate.revisions.order_by("revision")] == [
        "superseded",
        "issued",
    ]
    assert set(case.programme.filter(cycle=2).values_list("kind", flat=True)) == {
        AuditKind.SURVEILLANCE_1,
        AuditKind.SURVEILLANCE_2,
        AuditKind.RECERTIFICATION,
    }


def test_a_late_recertification_audit_blocks_renewal_by_chinese_rules(cast):
    with time_machine.travel(dt.datetime(2026, 6, 12, 2, tzinfo=dt.UTC), tick=False):
        case = certified_case(cast)
    number = case.certificates.get().number
    with time_machine.travel(dt.datetime(2029, 7, 1, 2, tzinfo=dt.UTC), tick=False):
        _to_recertification(cast, case, dt.date(2029, 6, 20))
        assert reasons(cast, case, "renew") == [
            f"The recertification audit ended after certificate {number} had expired."
        ]


def test_a_suspended_certificate_is_not_renewed(cast):
    case = certified_case(cast)
    certificate = case.certificates.get()
    Certificate.objects.filter(pk=certificate.pk).update(
        status=CertificateStatus.SUSPENDED, suspended_until=timezone.localdate()
    )
    _to_recertification(cast, case, timezone.localdate())
    assert reasons(cast, case, "renew") == [
        "No certificate of this case can be renewed.",
        f"Certificate {certificate.number} is suspended: reinstate or withdraw it first.",
    ]


def _to_later_decision(cast, case, action):
    """Bring a certified case to a decision of a kind by an audit that leaves a major open."""
    kinds = {
        "maintain": AuditKind.SURVEILLANCE_1,
        "renew": AuditKind.RECERTIFICATION,
        "extend": AuditKind.SPECIAL,
    }
    if action == "extend":
        application, offer = signed_application(
            cast, kind=ApplicationKind.EXTENSION, schemes=("QMS", "EMS")
        )
        open_case(application=application, offer=offer, actor=cast.actor("owner"))
    audited(Case.objects.get(pk=case.pk), kinds[action], open_majors=1)
    return Case.objects.get(pk=case.pk)


_MAJOR = "%s audit: 1 major nonconformity is not verified and closed."
_LAPSED = "The body is not approved today for Quality management."
_INCOMPETENT = "%s has no valid competence as Certifier for QMS in area 18 Machinery and equipment."
_ISSUING = "A revision of certificate %s is still being issued."
_SIGNATORY = "Nobody is named who signs the certificates."
_PATTERN = "The body’s pattern of certificate numbers cannot be used: "


@pytest.mark.parametrize(
    ("action", "audit", "blocks"),
    [
        ("maintain", "First surveillance", ()),
        ("renew", "Recertification", (_ISSUING, _SIGNATORY)),
        ("extend", "Special", (_ISSUING, _PATTERN, _SIGNATORY)),
    ],
)
def test_every_later_decision_has_its_blockers(cast, action, audit, blocks):
    case = certified_case(cast)
    certificate = case.certificates.get()
    case = _to_later_decision(cast, case, action)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    BodyApproval.objects.filter(body=cast.body, scheme__code="QMS").update(valid_to=yesterday)
    rows = Competence.objects.filter(user=cast.certifier, scheme__code="QMS")
    rows.update(valid_until=yesterday)
    profile = cast.body.body_profile
    type(profile).objects.filter(pk=profile.pk).update(
        signatory_zh="", signatory_en="", number_pattern="{letter} {serial}"
    )
    words = {_MAJOR: audit, _INCOMPETENT: cast.certifier, _ISSUING: certificate.number}
    expected = [
        text % words[text] if text in words else text
        for text in (_MAJOR, _LAPSED, _INCOMPETENT, *blocks)
    ]
    found = reasons(cast, case, action)
    assert [_PATTERN if text.startswith(_PATTERN) else text for text in found] == expected


_ASKED_OF_AUDITS = {
    "open_majors": (1, "1 major nonconformity is not verified and closed."),
    "report_reviewed": (False, "the report is not reviewed."),
    "minors_without_plan": (2, "2 minor nonconformities have no accepted plan."),
    "unexplained_anomalies": (1, "1 anomaly of the check-in is not explained."),
    "competence_gaps": (1, "the team lacked competence on the audit days in 1 point."),
    "days_held": (0, "less audit time was held than computed, and no reason is recorded."),
    "open_appeals": (1, "1 appeal is not decided."),
}


@pytest.mark.parametrize(
    ("action", "audit"),
    [("maintain", "First surveillance"), ("renew", "Recertification"), ("extend", "Special")],
)
def test_every_later_decision_asks_the_same_of_its_audits(cast, action, audit):
    case = _to_later_decision(cast, certified_case(cast), action)
    pending = case.outcomes.filter(decision=None)
    pending.update(**{name: value for name, (value, _words) in _ASKED_OF_AUDITS.items()})
    assert sorted(reasons(cast, case, action)) == sorted(
        f"{audit} audit: {words}" for _value, words in _ASKED_OF_AUDITS.values()
    )


def test_an_extension_widens_the_scope_under_the_same_number(cast):
    case = certified_case(cast)
    number = case.certificates.get().number
    application, offer = signed_application(
        cast,
        kind=ApplicationKind.EXTENSION,
        schemes=("QMS", "EMS"),
        scope_zh="齿轮箱与电机的设计和生产",
        scope_en="Design and manufacture of gearboxes and motors",
    )
    open_case(application=application, offer=offer, actor=cast.actor("owner"))
    audited(case, AuditKind.SPECIAL)
    case.refresh_from_db()
    decide_as(cast, case, "extend")
    put_all_in_force(case)
    held = {row.scheme.code: row for row in Case.objects.get(pk=case.pk).certificates.all()}
    assert held["QMS"].number == number
    assert held["QMS"].scope_en == "Design and manufacture of gearboxes and motors"
    assert held["QMS"].current_revision.reason == Cause.EXTENSION
    assert held["EMS"].status == CertificateStatus.VALID
    assert held["EMS"].expires_on == held["QMS"].expires_on
    assert case.decisions.first().kind == DecisionKind.EXTEND


def test_a_scheme_added_later_ends_with_the_certificates_there_are(cast):
    with travel(2026, 6, 12):
        case = certified_case(cast)
    with travel(2027, 3, 1):
        application, offer = signed_application(
            cast, kind=ApplicationKind.EXTENSION, schemes=("QMS", "EMS")
        )
        open_case(application=application, offer=offer, actor=cast.actor("owner"))
        audited(case, AuditKind.SPECIAL)
        case.refresh_from_db()
        decide_as(cast, case, "extend")
    ends = dict(case.certificates.values_list("scheme__code", "expires_on"))
    assert ends == {"QMS": dt.date(2029, 6, 11), "EMS": dt.date(2029, 6, 11)}


def test_refusing_an_extension_leaves_the_certificates_alone(cast):
    case = certified_case(cast)
    application, offer = signed_application(cast, kind=ApplicationKind.EXTENSION)
    open_case(application=application, offer=offer, actor=cast.actor("owner"))
    audited(case, AuditKind.SPECIAL, recommendation=Recommendation.REFUSE)
    case.refresh_from_db()
    decide_as(cast, case, "decline_change", reason="Not ready.")
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED
    assert case.certificates.get().status == CertificateStatus.VALID


def test_who_decided_in_a_cycle_does_not_review_what_goes_on_with_it(cast):
    """The database would refuse the owner's signature for it months later."""
    case = certified_case(cast)
    reviewer = cast.actor("reviewer")
    Membership.objects.create(user=cast.certifier, organisation=cast.body, role=Role.REVIEWER)
    application, _offer = signed_application(cast, kind=ApplicationKind.EXTENSION)
    application.status, application.reviewer = ApplicationStatus.SUBMITTED, None
    application.save()
    case.involvements.all().delete()
    with pytest.raises(Incomplete) as caught:
        perform(
            APPLICATION_FLOW, application, "start_review", cast.actor("certifier"), no_conflict=True
        )
    assert [str(blocker) for blocker in caught.value.blockers] == [
        "You decided on this certification in its present cycle, so somebody else reviews."
    ]
    # Whoever reviews it instead decides no more in this cycle.
    perform(APPLICATION_FLOW, application, "start_review", reviewer, no_conflict=True)
    assert list(case.involvements.values_list("user", "part")) == [(cast.reviewer.pk, Part.REVIEW)]
