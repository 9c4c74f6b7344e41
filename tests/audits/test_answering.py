"""The answer in five parts: kept as it is typed, two people at once, nothing lost."""

import pytest

from audits.models import FindingAnswer, KeptText
from audits.services import findings as services
from foundation.workflow import Incomplete, StaleState
from tests.audits.auditwork import act, answer, fresh, nonconformity
from tests.audits.test_audit_races import at_once


@pytest.fixture
def finding(cast, db):
    return nonconformity(cast)


def save(cast, finding, who="owner", seen=None, **parts):
    return services.save_answer(finding=fresh(finding), actor=cast.actor(who), seen=seen, **parts)


def test_each_part_knows_who_wrote_it_last(cast, finding):
    save(cast, finding, seen={}, containment="Stopped.")
    draft = save(cast, finding, "member", {"root_cause": 0}, root_cause="Nobody told.", why_2="B")
    assert draft.revisions["containment"]["by"] == cast.owner.name
    assert draft.revisions["root_cause"]["by"] == cast.member.name
    assert services.revision_of(draft, "root_cause") == 1
    assert draft.whys == ["", "B"]
    assert draft.reasons == ["B"]


def test_an_older_text_overwrites_nothing_and_is_kept(cast, finding):
    save(cast, finding, seen={"root_cause": 0}, root_cause="Mine")
    draft = save(cast, finding, "member", {"root_cause": 0}, root_cause="Yours")
    assert (draft.root_cause, draft.kept) == ("Mine", ("root_cause",))
    kept = KeptText.objects.get()
    assert (kept.text, kept.written_by, kept.settled_at) == ("Yours", cast.member, None)
    save(cast, finding, "member", {"root_cause": 0}, root_cause="Yours and more")
    kept.refresh_from_db()
    assert kept.text == "Yours and more"
    assert KeptText.objects.count() == 1


def test_the_same_words_are_no_conflict(cast, finding):
    save(cast, finding, seen={"root_cause": 0}, root_cause="Same")
    assert save(cast, finding, "member", {"root_cause": 0}, root_cause="Same").kept == ()


def test_nothing_is_sent_until_somebody_chose(cast, finding):
    answer_parts = {"correction": "C", "corrective_action": "D", "done_by": finding.due_on}
    save(cast, finding, seen={}, root_cause="Mine", **answer_parts)
    save(cast, finding, "member", {"root_cause": 0}, root_cause="Yours")
    with pytest.raises(Incomplete, match="Two of you wrote part 2 at once"):
        act(finding, "answer", cast.actor("owner"))
    kept = KeptText.objects.get()
    services.settle_text(finding=finding, actor=cast.actor("owner"), kept=kept, take=True)
    draft = FindingAnswer.objects.get()
    kept.refresh_from_db()
    assert (draft.root_cause, kept.text) == ("Yours", "Mine")
    assert services.revision_of(draft, "root_cause") == 2
    with pytest.raises(StaleState):
        services.settle_text(finding=finding, actor=cast.actor("owner"), kept=kept, take=False)
    act(finding, "answer", cast.actor("owner"))


def test_a_date_written_at_once_is_taken_as_a_date(cast, finding):
    save(cast, finding, seen={"done_by": 0}, done_by=finding.due_on)
    save(cast, finding, "member", {"done_by": 0}, done_by=None)
    kept = KeptText.objects.get()
    services.settle_text(finding=finding, actor=cast.actor("member"), kept=kept, take=True)
    assert FindingAnswer.objects.get().done_by is None


@pytest.mark.django_db(transaction=True)
def test_two_people_write_one_part_at_the_same_moment(cast):
    finding = nonconformity(cast)
    save(cast, finding, seen={}, containment="Begun.")
    at_once(
        lambda: save(cast, finding, "owner", {"root_cause": 0}, root_cause="Mine"),
        lambda: save(cast, finding, "member", {"root_cause": 0}, root_cause="Yours"),
    )
    draft, kept = FindingAnswer.objects.get(), KeptText.objects.get()
    assert {draft.root_cause, kept.text} == {"Mine", "Yours"}


# Pages


@pytest.fixture
def as_(cast, client):
    return lambda who: cast.client(client, who)


def typed(finding, **changed):
    """Return what the page sends, revisions as a page opened now shows them."""
    draft = finding.answers.filter(sent_at=None).first()
    revisions = draft.revisions if draft else {}
    facts = {"containment": "", "root_cause": "", "correction": "", "corrective_action": "",
             "done_by": "", "evidence_note": ""}  # fmt: skip
    facts |= {f"rev_{name}": revisions.get(name, {}).get("rev", 0) for name in facts}
    return facts | changed


def test_autosave_tells_the_state_of_each_part(cast, as_, finding):
    client, where = as_("owner"), f"/findings/{finding.pk}/answer/"
    sent = typed(finding, root_cause="Nobody", _changed=["root_cause"])
    told = client.post(where, sent, headers={"X-Autosave": "1"}).json()
    assert told["fields"] == {"rev_root_cause": 1}
    assert list(told["parts"]) == ["2"]
    assert cast.owner.name in told["parts"]["2"]
    assert "notice" not in told


def test_autosave_says_that_a_colleague_was_quicker(cast, as_, finding):
    where = f"/findings/{finding.pk}/answer/"
    before = typed(finding, root_cause="Yours", _changed=["root_cause"])
    save(cast, finding, seen={"root_cause": 0}, root_cause="Mine")
    told = as_("member").post(where, before, headers={"X-Autosave": "1"}).json()
    assert told["notice"] == f"{cast.owner.name} changed part 2 too. Reload to see both texts."
    page = as_("owner").get(where).content.decode()
    assert "Two of you wrote at once; nothing is lost" in page
    assert "Mine" in page
    assert "Yours" in page


def test_the_form_leads_to_the_choice_and_the_choice_settles_it(cast, as_, finding):
    where = f"/findings/{finding.pk}/answer/"
    before = typed(finding, root_cause="Yours")
    save(cast, finding, seen={"root_cause": 0}, root_cause="Mine")
    client = as_("member")
    assert client.post(where, before).url == f"{where}#both"
    kept = KeptText.objects.get()
    assert client.post(f"{where}{kept.pk}/settle/", {"take": ""}).status_code == 302
    assert FindingAnswer.objects.get().root_cause == "Yours"


def test_the_page_lists_what_is_missing_and_shows_the_limit(cast, as_, finding):
    page = as_("owner").get(f"/findings/{finding.pk}/answer/")
    assert [str(one) for one in page.context["blockers"]] == ["The answer is not written yet."]
    save(cast, finding, seen={}, root_cause="R", why_1="W")
    page = as_("owner").get(f"/findings/{finding.pk}/answer/")
    assert len(page.context["blockers"]) == 3
    assert "Ask for more time" in page.content.decode()


def test_the_whys_are_read_by_the_auditor(cast, as_, finding):
    save(cast, finding, seen={}, why_1="First", why_3="Third")
    answer(cast, finding)
    page = as_("auditor").get(f"/findings/{finding.pk}/").content.decode()
    assert "<li>First</li><li>Third</li>" in page


def test_strangers_settle_nothing(cast, as_, finding):
    save(cast, finding, seen={"root_cause": 0}, root_cause="Mine")
    save(cast, finding, "member", {"root_cause": 0}, root_cause="Yours")
    kept = KeptText.objects.get()
    where = f"/findings/{finding.pk}/answer/{kept.pk}/settle/"
    assert as_("rival_owner").post(where, {"take": ""}).status_code == 404
    assert as_("auditor").post(where, {"take": ""}).status_code == 403
    kept.refresh_from_db()
    assert kept.settled_at is None
