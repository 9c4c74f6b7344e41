"""What may happen to a certificate, and what everybody then sees of it."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from certification.documents.certificate import content_digest
from certification.enums import CaseStatus, Cause, CertificateStatus, DecisionKind, Part
from certification.models import Certificate, Decision, Involvement
from certification.services import certificates as services
from foundation import files
from foundation.models import Notice
from foundation.workflow import Incomplete, NotAllowed, WrongState
from tests.certification.casework import (
    PDF,
    SCOPE_EN,
    act,
    certified,
    certified_case,
    events,
    granted_case,
    pdf_text,
    put_all_in_force,
    travel,
)


def in_days(days):
    return timezone.localdate() + dt.timedelta(days=days)


def refusals(cast, certificate, action, who="certifier", **data):
    with pytest.raises(Incomplete) as refusal:
        act(cast, certificate, action, who, **data)
    return [str(blocker) for blocker in refusal.value.blockers]


ISSUED = ("", CertificateStatus.VALID, Cause.ISSUE)


# Suspending and reinstating.


def suspend(cast, certificate, until=None, cause=Cause.NONCONFORMITY):
    return act(cast, certificate, "suspend", cause=cause, until=until or in_days(60))


def test_suspending_is_decided_public_and_told(cast):
    certificate = certified(cast)
    suspend(cast, certificate, until=in_days(60))
    certificate.refresh_from_db()
    assert (certificate.status, certificate.suspended_until) == (
        CertificateStatus.SUSPENDED,
        in_days(60),
    )
    decision = Decision.objects.get(kind=DecisionKind.SUSPEND)
    assert (decision.certificate, decision.cause, decision.decided_by) == (
        certificate,
        Cause.NONCONFORMITY,
        cast.certifier,
    )
    assert events(certificate) == [
        ISSUED,
        (CertificateStatus.VALID, CertificateStatus.SUSPENDED, Cause.NONCONFORMITY),
    ]
    told = Notice.objects.filter(kind="certificate.suspended").values_list("recipient", flat=True)
    assert set(told) == {cast.owner.pk, cast.member.pk}


def test_the_public_event_does_not_carry_the_reason(cast):
    certificate = certified(cast)
    suspend(cast, certificate)
    event = certificate.events.get(after=CertificateStatus.SUSPENDED)
    texts = [str(getattr(event, field.name)) for field in event._meta.fields]
    assert "Because the facts say so." not in texts


@pytest.mark.parametrize("how", ["update", "delete"])
def test_the_public_history_is_never_changed(cast, how):
    rows = certified(cast).events.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(cause=Cause.LAW) if how == "update" else rows._raw_delete(rows.db)
    assert list(rows.values_list("cause", flat=True)) == [Cause.ISSUE]


def test_a_suspension_lasts_half_a_year_at_most(cast):
    with travel(2026, 8, 31):
        certificate = certified(cast)
        assert refusals(
            cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2027, 3, 1)
        ) == ["The suspension may last until 28 February 2027 at most."]
        suspend(cast, certificate, until=dt.date(2027, 2, 28))


def test_a_suspension_does_not_outlast_the_certificate(cast):
    with travel(2026, 6, 12):
        certificate = certified(cast)
    with travel(2029, 5, 1):
        assert refusals(
            cast, certificate, "suspend", cause=Cause.MISUSE, until=dt.date(2029, 6, 12)
        ) == ["The suspension may last until 11 June 2029 at most."]


def test_a_suspension_must_end_after_today(cast):
    assert refusals(
        cast, certified(cast), "suspend", cause=Cause.MISUSE, until=timezone.localdate()
    ) == ["The suspension must end after today."]


@pytest.mark.parametrize("action", ["suspend", "withdraw"])
def test_a_cause_must_fit_the_decision(cast, action):
    assert refusals(cast, certified(cast), action, cause=Cause.ISSUE, until=in_days(9)) == [
        "This cause does not fit this decision."
    ]


@pytest.mark.parametrize(
    ("action", "facts", "fields"),
    [
        ("suspend", {}, ["cause", "until"]),
        ("suspend", {"cause": Cause.MISUSE, "reason": ""}, ["until", "reason"]),
        ("withdraw", {}, ["cause"]),
        ("withdraw", {"cause": Cause.MISUSE, "reason": ""}, ["reason"]),
        ("cancel", {"reason": ""}, ["reason"]),
        ("reduce", {"scope_en": "Gears", "reason": ""}, ["reason"]),
        ("correct", {"scope_en": "Gears", "reason": ""}, ["reason"]),
    ],
)
def test_an_act_on_a_certificate_says_cause_and_reason(cast, action, facts, fields):
    certificate = certified(cast)
    with pytest.raises(Incomplete) as refusal:
        act(cast, certificate, action, **facts)
    assert [blocker.field for blocker in refusal.value.blockers] == fields


def test_a_certificate_that_ran_out_is_not_reinstated(cast):
    with travel(2026, 6, 12):
        certificate = certified(cast)
    with travel(2029, 6, 1):
        suspend(cast, certificate, until=dt.date(2029, 6, 10))
    with travel(2029, 6, 12):
        assert refusals(cast, certificate, "reinstate") == [
            "The validity of the certificate has ended."
        ]
    with travel(2029, 6, 11):
        act(cast, certificate, "reinstate")
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID


def test_reinstating_ends_the_suspension(cast):
    certificate = certified(cast)
    suspend(cast, certificate)
    act(cast, certificate, "reinstate")
    certificate.refresh_from_db()
    assert (certificate.status, certificate.suspended_until) == (CertificateStatus.VALID, None)
    assert events(certificate)[-1] == (
        CertificateStatus.SUSPENDED,
        CertificateStatus.VALID,
        Cause.RESOLVED,
    )


# Ends.


@pytest.mark.parametrize(
    ("action", "end", "facts"),
    [
        (
            "withdraw",
            (CertificateStatus.WITHDRAWN, DecisionKind.WITHDRAW),
            {"cause": Cause.MISUSE},
        ),
        ("cancel", (CertificateStatus.CANCELLED, DecisionKind.CANCEL), {}),
    ],
)
@pytest.mark.parametrize("suspended", [False, True])
def test_withdrawal_and_cancellation_are_final_and_end_the_case(
    cast, action, end, facts, suspended
):
    status, kind = end
    certificate = certified(cast)
    if suspended:
        suspend(cast, certificate)
    act(cast, certificate, action, **facts)
    certificate.refresh_from_db()
    assert (certificate.status, certificate.suspended_until) == (status, None)
    assert events(certificate)[-1][0] == ("suspended" if suspended else "valid")
    assert Decision.objects.filter(kind=kind, certificate=certificate).count() == 1
    certificate.case.refresh_from_db()
    assert certificate.case.status == CaseStatus.ENDED
    for other in ("suspend", "reinstate", "reduce", "correct", "withdraw", "cancel"):
        with pytest.raises(WrongState):
            act(cast, certificate, other, cause=Cause.MISUSE, until=in_days(9))


def test_a_case_goes_on_while_one_certificate_is_left(cast):
    case = certified_case(cast, schemes=("QMS", "EMS"))
    first, second = case.certificates.all()
    act(cast, first, "withdraw", cause=Cause.MISUSE)
    case.refresh_from_db()
    assert case.status == CaseStatus.CERTIFIED
    suspend(cast, second)
    act(cast, second, "cancel")
    case.refresh_from_db()
    assert case.status == CaseStatus.ENDED


def test_the_owner_asks_for_cancellation_and_takes_it_back(cast):
    certificate = certified(cast)
    act(cast, certificate, "request_cancellation", "owner", reason="We move abroad.")
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID
    assert certificate.cancellation_reason == "We move abroad."
    told = Notice.objects.filter(kind="certificate.cancellation_requested")
    assert set(told.values_list("recipient", flat=True)) == {cast.certifier.pk, cast.manager.pk}
    with pytest.raises(NotAllowed):
        act(cast, certificate, "request_cancellation", "owner")
    act(cast, certificate, "retract_cancellation", "owner")
    certificate.refresh_from_db()
    assert certificate.cancellation_requested_at is None
    with pytest.raises(NotAllowed):
        act(cast, certificate, "retract_cancellation", "owner")


@pytest.mark.parametrize("who", ["member", "manager", "rival_owner", "supervisor"])
def test_only_the_owner_asks_for_cancellation(cast, who):
    with pytest.raises(NotAllowed):
        act(cast, certified(cast), "request_cancellation", who)


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        ("suspend", {"cause": Cause.MISUSE, "until": dt.date(2100, 1, 1)}),
        ("withdraw", {"cause": Cause.MISUSE}),
        ("cancel", {}),
        ("reduce", {"scope_en": "Less."}),
        ("correct", {"scope_en": "Other."}),
    ],
)
@pytest.mark.parametrize("who", ["owner", "manager", "reviewer", "auditor", "rival_manager"])
def test_only_a_certifier_acts_on_a_certificate(cast, action, facts, who):
    with pytest.raises(NotAllowed):
        act(cast, certified(cast), action, who, **facts)


def test_a_certifier_who_audited_in_the_cycle_does_not_act(cast):
    case = certified_case(cast)
    Involvement.objects.create(case=case, cycle=2, user=cast.certifier, part=Part.AUDIT)
    type(case).objects.filter(pk=case.pk).update(cycle=2)
    with pytest.raises(NotAllowed) as refusal:
        suspend(cast, case.certificates.get())
    assert str(refusal.value) == "You audited in this cycle, so somebody else decides."


# New revisions.


def test_reducing_is_public_at_once_and_its_document_follows(cast):
    certificate = certified(cast)
    act(cast, certificate, "reduce", scope_zh="齿轮箱的生产", scope_en="Manufacture of gearboxes")
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.VALID
    assert (certificate.is_reduced, certificate.scope_en) == (True, "Manufacture of gearboxes")
    assert certificate.current_revision.revision == 1
    assert events(certificate)[-1] == ("valid", "valid", Cause.SCOPE)
    put_all_in_force(certificate.case)
    certificate.refresh_from_db()
    issued = certificate.current_revision
    assert (issued.revision, issued.content["scope_en"]) == (2, "Manufacture of gearboxes")
    assert [row["revision"] for row in issued.content["revisions"]] == [1, 2]
    assert issued.content["number"] == certificate.number
    assert events(certificate)[-1] == ("valid", "valid", Cause.SCOPE)


def test_reducing_drops_sites(cast):
    certificate = certified(cast)
    content = certificate.revisions.get().content
    [site] = content["sites"]
    smaller = [site | {"scope_en": "Assembly"}]
    act(cast, certificate, "reduce", sites=smaller)
    assert certificate.revisions.get(revision=2).content["sites"] == smaller


def test_nothing_is_reduced_twice_at_once(cast):
    certificate = certified(cast)
    act(cast, certificate, "reduce", scope_en="Manufacture of gearboxes")
    assert refusals(cast, certificate, "reduce", scope_en="Gearboxes") == [
        f"A revision of certificate {certificate.number} is still being issued."
    ]


def test_nothing_is_corrected_while_a_revision_is_being_issued(cast):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    assert refusals(cast, certificate, "correct", holder={"name_en": "Lanhai Ltd."}) == [
        f"A revision of certificate {certificate.number} is still being issued."
    ]


def test_a_reduction_must_change_something(cast):
    assert refusals(cast, certified(cast), "reduce", scope_en=SCOPE_EN) == ["Nothing would change."]


def test_a_correction_that_cannot_be_printed_is_refused(cast):
    assert refusals(cast, certified(cast), "correct", holder={"name_en": "Gear \U0001f600"}) == [
        (
            "No font can print these characters: \U0001f600. Correct the text before anything is "
            "issued."
        )
    ]


def test_a_correction_takes_effect_with_its_document(cast):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    certificate.refresh_from_db()
    assert certificate.holder_en == cast.enterprise.name_en
    put_all_in_force(certificate.case)
    certificate.refresh_from_db()
    assert certificate.holder_en == "Lanhai Gears Ltd."
    assert certificate.is_reduced is False
    assert events(certificate)[-1] == ("valid", "valid", Cause.CORRECTION)
    rows = certificate.revisions.order_by("revision").values_list("status", flat=True)
    assert list(rows) == ["superseded", "issued"]


def test_every_revision_carries_the_hash_of_its_content(cast):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    for row in certificate.revisions.all():
        assert row.digest == content_digest(row.content)


# Documents.


def test_the_document_of_a_valid_certificate_is_the_issued_file(cast):
    certificate = certified(cast)
    document = services.document(certificate)
    assert (document.data, document.stamped) == (PDF, False)
    assert document.data == files.read(certificate.current_revision.file)


def test_a_certificate_being_issued_has_no_document(cast):
    certificate = granted_case(cast).certificates.get()
    with pytest.raises(LookupError):
        services.document(certificate)


def test_a_damaged_file_is_not_handed_out(cast):
    certificate = certified(cast)
    certificate.current_revision.file.path.write_bytes(b"%PDF-1.7 other")
    with pytest.raises(files.DamagedError):
        services.document(certificate)


@pytest.mark.parametrize(
    ("action", "facts", "word"),
    [
        ("suspend", {"cause": Cause.MISUSE, "until": None}, "SUSPENDED"),
        ("withdraw", {"cause": Cause.MISUSE}, "WITHDRAWN"),
        ("cancel", {}, "CANCELLED"),
    ],
)
def test_a_copy_that_no_longer_counts_is_stamped(cast, action, facts, word):
    certificate = certified(cast)
    if "until" in facts:
        facts = facts | {"until": in_days(30)}
    act(cast, certificate, action, **facts)
    certificate.refresh_from_db()
    document = services.document(certificate)
    assert document.stamped is True
    assert word in pdf_text(document.data)
    assert files.read(certificate.current_revision.file) == PDF


def test_a_superseded_revision_is_stamped(cast):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    put_all_in_force(certificate.case)
    certificate.refresh_from_db()
    old = certificate.revisions.get(revision=1)
    assert services.document(certificate).stamped is False
    assert "SUPERSEDED" in pdf_text(services.document(certificate, old).data)


def test_a_wider_document_is_stamped_while_the_reduced_one_is_made(cast):
    certificate = certified(cast)
    act(cast, certificate, "reduce", scope_en="Manufacture of gearboxes")
    certificate.refresh_from_db()
    assert services.document(certificate).stamped is True


def test_parties_see_their_certificates_and_nobody_else_s(cast):
    certified(cast)
    seen = {
        who: Certificate.objects.visible_to(cast.actor(who)).count()
        for who in ("owner", "manager", "supervisor", "rival_owner", "rival_manager", "anonymous")
    }
    assert seen == {
        "owner": 1,
        "manager": 1,
        "supervisor": 1,
        "rival_owner": 0,
        "rival_manager": 0,
        "anonymous": 0,
    }
