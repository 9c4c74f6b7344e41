"""What is kept of a submission, and how two of them differ."""

import copy
import datetime as dt

import pytest
from django.utils import timezone, translation

from certification.enums import DocumentKind
from certification.queries.snapshots import Change, differences, sections, snapshot_of
from certification.questions import LABELS
from certification.services.applications import application_answer
from foundation.canonical import canonical
from organisations.models import Site
from tests.certification.applications import area, attach, complete_draft, edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def snapshot(cast):
    return snapshot_of(complete_draft(cast))


def test_snapshot_has_one_key_for_every_question_that_is_a_fact(snapshot):
    assert set(LABELS) - set(snapshot) == {"listing"}
    assert set(snapshot) - set(LABELS) == {"format", "enterprise", "country"}


def test_snapshot_is_plain_json(snapshot):
    assert canonical(snapshot) == canonical(copy.deepcopy(snapshot))


def test_snapshot_holds_both_languages(cast, snapshot):
    assert snapshot["name"] == {"zh": cast.enterprise.name_zh, "en": cast.enterprise.name_en}
    assert snapshot["body"] == {
        "id": str(cast.body.pk),
        "zh": cast.body.name_zh,
        "en": cast.body.name_en,
    }
    assert [row["code"] for row in snapshot["areas"]] == ["18"]
    assert [row["edition"] for row in snapshot["schemes"]] == ["iso-9001-2015"]


def test_snapshot_holds_sites_with_their_people(cast, snapshot):
    (site,) = snapshot["sites"]
    own = cast.enterprise.sites.get()
    assert (site["id"], site["day_shift"], site["part_time_hours"]) == (str(own.pk), 60, "20.0")


def test_snapshot_names_each_file_by_its_hash(cast, snapshot):
    (document,) = snapshot["documents"]
    (licence,) = snapshot["licence"]
    assert (document["label"], document["name"]) == ("manual", "manual.pdf")
    assert licence["name"] == "licence.pdf"
    assert len(document["sha256"]) == len(licence["sha256"]) == 64


def test_snapshot_leaves_out_what_was_not_asked(cast):
    application = complete_draft(
        cast,
        consultancy_used=False,
        consultancy_by="Left from before",
        had_certificate=False,
        previous_number="Left from before",
    )
    snapshot = snapshot_of(application)
    assert (snapshot["consultancy_by"], snapshot["previous_number"]) == (None, None)
    assert snapshot["integration"] is None


def test_sections_follow_the_steps_and_leave_out_what_was_not_asked(snapshot):
    fields = [row.field for part in sections(snapshot) for row in part.rows]
    assert fields == [
        *("kind", "schemes", "areas", "body"),
        *("name", "identifier", "address", "region", "legal_representative"),
        *("licence", "licence_valid_until"),
        *("sites", "sites", "sites"),
        *("scope_zh", "scope_en", "exclusions", "processes", "outsourced", "legal_obligations"),
        *("system_since", "internal_audit_on", "management_review_on", "consultancy_used"),
        *("languages", "remote_possible", "safety_conditions", "wished_month"),
        "had_certificate",
        "documents",
        *("contact_name", "contact_phone", "contact_email"),
    ]


def test_sections_speak_the_readers_language(snapshot):
    def words(field):
        return next(row.value for part in sections(snapshot) for row in part.rows
                    if row.field == field)  # fmt: skip

    assert words("areas") == "18 Machinery and equipment"
    with translation.override("zh-hans"):
        assert words("areas") == "18 机械和设备"


def test_equal_snapshots_do_not_differ(snapshot):
    assert differences(snapshot, copy.deepcopy(snapshot)) == []


def test_difference_shows_both_sides_of_a_field(snapshot):
    after = snapshot | {"scope_en": "Something else"}
    assert differences(snapshot, after) == [
        Change(LABELS["scope_en"], snapshot["scope_en"], "Something else", "scope_en")
    ]


def test_differences_stand_in_the_order_of_the_questions(cast):
    application = complete_draft(cast)
    before = snapshot_of(application)
    application_answer(
        application=application,
        actor=cast.actor("owner"),
        answers={
            "contact_name": "沈若溪",
            "remote_possible": True,
            "scope_zh": "另一个范围",
            "wished_month": dt.date(2030, 5, 1),
            "areas": [area("17"), area("18")],
            "schemes": [edition(), edition("iso-14001-2015")],
        },
    )
    changes = differences(before, snapshot_of(application))
    assert [(str(row.label), row.before, row.after) for row in changes] == [
        (
            "Standards",
            "GB/T 19001-2016 / ISO 9001:2015",
            "GB/T 19001-2016 / ISO 9001:2015, GB/T 24001-2016 / ISO 14001:2015",
        ),
        (
            "Technical areas",
            "18 Machinery and equipment",
            "17 Basic metals and fabricated metal products; 18 Machinery and equipment",
        ),
        ("Scope in Chinese", "精密齿轮箱的设计与生产", "另一个范围"),
        ("Integration of the systems", "", "Separate systems"),
        ("Remote audit possible", "No", "Yes"),
        ("Wished month of the audit", "", "May 2030"),
        ("Contact person", "贺景行", "沈若溪"),
    ]


def test_difference_shows_a_change_of_people_at_a_site(cast):
    application = complete_draft(cast)
    before = snapshot_of(application)
    site = cast.enterprise.sites.get()
    site.day_shift, site.part_time = 45, 6
    site.save(update_fields=["day_shift", "part_time"])
    assert differences(before, snapshot_of(application)) == [
        Change(
            "Headquarters: people",
            "60 people (day 60, second shift 0, night 0)",
            "45 people (day 45, second shift 0, night 0), 6 part-time at 20.0 hours a week",
            "sites",
        )
    ]


def test_difference_shows_a_site_that_came_and_one_that_went(cast):
    application = complete_draft(cast)
    before = snapshot_of(application)
    second = Site.objects.create(organisation=cast.enterprise, name_en="Plant 2", day_shift=1)
    application_answer(
        application=application, actor=cast.actor("owner"), answers={"sites": [second]}
    )
    changes = differences(before, snapshot_of(application))
    assert [(str(row.label), bool(row.before), bool(row.after)) for row in changes] == [
        ("Site", False, True),
        ("Plant 2: people", False, True),
        ("Site", True, False),
        ("Headquarters: people", True, False),
        ("Headquarters: activities", True, False),
    ]


def test_difference_shows_another_file_under_the_same_name(cast):
    application = complete_draft(cast)
    before = snapshot_of(application)
    attach(cast, application, kind=DocumentKind.MANUAL, name="manual (2).pdf")
    (change,) = differences(before, snapshot_of(application))
    assert change.field == "documents"
    assert change.before != change.after


def test_snapshot_of_an_empty_draft_can_be_read(cast):
    application = complete_draft(cast)
    application.schemes.all().delete()
    application.sites.all().delete()
    application.body = None
    rows = {row.key: row.text for part in sections(snapshot_of(application)) for row in part.rows}
    assert (rows["schemes"], rows["areas"], rows["body"], rows["sites"]) == ("", "", "", "")


def test_long_term_licence_reads_so(cast):
    application = complete_draft(cast)
    application.enterprise.licence_valid_until = None
    rows = {row.key: row.text for part in sections(snapshot_of(application)) for row in part.rows}
    assert rows["licence_valid_until"] == "Long-term"


def test_dates_are_written_out(cast):
    application = complete_draft(cast, internal_audit_on=dt.date(2026, 3, 16))
    snapshot = snapshot_of(application)
    assert snapshot["internal_audit_on"] == "2026-03-16"
    rows = {row.key: row.value for part in sections(snapshot) for row in part.rows}
    assert rows["internal_audit_on"] == "16 March 2026"
    assert snapshot["system_since"] < timezone.localdate().isoformat()
