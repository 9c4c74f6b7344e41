import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest

from schemes.models import RuleSet
from schemes.queries import book_of, rule_book_for, rule_set_for

# key: (ISO, CN), as the process names them
LIMITS = {
    "system_run_months": (0, 3),
    "own_fault_months": (0, 12),
    "consultancy_years": (2, 2),
    "reminder_days": ([180, 90, 60, 30, 7], [180, 90, 60, 30, 7]),
    "reduction_cap_percent": (30, 30),
    "site_reduction_cap_percent": (50, 50),
    "integration_cap_percent": (20, 20),
    "onsite_share_percent": (80, 80),
    "audit_hours_per_day": (8, 8),
    "sampling_random_percent": (25, 25),
    "sampling_rounding": ("ceiling", "ceiling"),
    "auditor_onsite_days_per_year": (None, 180),
    "auditor_certificates": (None, 50),
    "minor_due_days": (30, 30),
    "major_due_days": (60, 60),
    "answer_again_days": (14, 14),
    "major_verified_months": (6, 6),
    "checkin_open_hours": (2, 2),
    "checkin_close_hours": (2, 2),
    "checkin_distance_km": (5, 5),
    "checkin_photos_min": (1, 1),
    "checkin_photos_max": (3, 3),
    "checkin_explanation_working_days": (5, 5),
    "certificate_validity_years": (3, 3),
    "first_surveillance_months": (12, 12),
    "first_surveillance_from": ("decision", "issue"),
    "surveillance_interval_months": (None, 12),
    "surveillance_window_days": (90, 90),
    "surveillance_missed_suspends": (False, True),
    "restoration_months": (6, 0),
    "recertification_onsite_before_expiry": (False, True),
    "suspension_months": (6, 6),
    "status_change_working_days": (None, 5),
    "dismissal_days": (30, 30),
    "evaluation_revision_days": (14, 14),
    "evaluation_publication_count": (5, 5),
    "complaint_acknowledgement_working_days": (5, 5),
    "complaint_decision_working_days": (30, 30),
    "complaint_progress_working_days": (10, 10),
    "complaint_end_working_days": (5, 5),
    "complaint_reminder_working_days": ([3, 1], [3, 1]),
    "complaint_overdue_reminder_working_days": ([1, 5, 10], [1, 5, 10]),
    "review_working_days": (5, 5),
    "area_auditors_min": (1, 2),
    "body_lost_approval_months": (0, 3),
    "certificate_size_limits": ([300, 1000], [300, 1000]),
    "minor_grace_days": (14, 14),
    "offer_validity_days": (30, 30),
    "recertification_share": ("2/3", "2/3"),
    "record_retention_years": (6, 6),
    "remote_share_notice_percent": (30, 30),
    "repetitive_floor": ("none", "none"),
    "rounding_step_days": ("0.5", "0.5"),
    "sampling_factor_initial": ("1", "1"),
    "sampling_factor_recertification": ("0.8", "0.8"),
    "sampling_factor_surveillance": ("0.6", "0.6"),
    "sampling_min_sites": (2, 2),
    "spot_check_audit_days": (None, 30),
    "stage_1_min_days": ("0.5", "0.5"),
    "stage_1_share": ("1/3", "1/3"),
    "surveillance_each_calendar_year": (True, True),
    "surveillance_share": ("1/3", "1/3"),
    "surveillances_per_cycle": (2, 2),
    "time_approval_percent": (0, 0),
    "transfer_months": (6, 6),
    "unsampled_surveillance_percent": (30, 30),
    "report_reminder_working_days": ([5, 1], [5, 1]),
    "finding_reminder_working_days": ([10, 5, 1], [10, 5, 1]),
    "finding_overdue_reminder_working_days": ([1, 5], [1, 5]),
    "offer_reminder_working_days": ([10, 3, 1], [10, 3, 1]),
    "review_reminder_working_days": ([2], [2]),
    "review_overdue_reminder_working_days": ([1], [1]),
    "returned_reminder_working_days": ([10, 20, 40], [10, 20, 40]),
    "confirmation_reminder_working_days": ([10, 5, 2], [10, 5, 2]),
    "audit_reminder_days": ([7, 1], [7, 1]),
    "short_notice_declaration_days": (14, 14),
    "change_assessment_working_days": (10, 10),
    "change_reminder_working_days": ([2], [2]),
    "change_overdue_reminder_working_days": ([1, 5], [1, 5]),
    "merger_agreement_working_days": (20, 20),
    "merger_reminder_working_days": ([10, 3], [10, 3]),
    "surveillances_cover_all": (True, True),
    "finding_extension_days": (30, 30),
    "finding_extensions": (2, 2),
    "suspension_reminder_days": ([60, 30, 7], [60, 30, 7]),
    "employment_years": (2, 2),
    "training_years": (2, 2),
    "other_interest_years": (0, 0),
    "interest_confirmation_months": (12, 12),
    "cpd_hours_per_year": (16, 16),
    "evaluation_months": (36, 36),
    "one_body_only": (False, True),
}
NOW = dt.date(2026, 6, 1)


@pytest.fixture
def books(catalogue):
    return rule_book_for("DE", NOW), rule_book_for("CN", NOW)


@pytest.mark.parametrize("key", LIMITS)
def test_limits_are_those_of_the_process(books, key):
    assert tuple(book.value(key) for book in books) == LIMITS[key]


def test_shares_and_factors_are_exact(books):
    for book in books:
        assert book.share("stage_1_share") == Fraction(1, 3)
        assert book.share("surveillance_share") == Fraction(1, 3)
        assert book.share("recertification_share") == Fraction(2, 3)
        assert book.number("stage_1_min_days") == Decimal("0.5")
        assert book.number("sampling_factor_surveillance") == Decimal("0.6")


def test_both_sets_know_the_same_limits_and_name_a_source(books):
    general = {(key, "") for key in LIMITS}
    for book in books:
        assert set(book.limits) == general | {("repetitive_floor", "ISMS")}
    assert all(limit.source for book in books for limit in book.limits.values())


def test_working_days_are_counted_by_the_calendar_of_the_country(books):
    calendars = [book.limit("review_working_days").calendar for book in books]
    assert calendars == ["weekdays", "CN"]


def test_a_limit_of_a_scheme_goes_before_the_general_one(books):
    for book in books:
        assert book.value("repetitive_floor") == "none"
        assert book.value("repetitive_floor", "QMS") == "none"
        assert book.value("repetitive_floor", "ISMS") == "square_root"


@pytest.mark.parametrize(
    ("country", "on", "key"),
    [
        ("CN", dt.date(2026, 1, 1), "cnca-2026"),
        ("CN", dt.date(2025, 12, 31), "iso-17021-1-2015"),
        ("DE", dt.date(2026, 1, 1), "iso-17021-1-2015"),
        ("", dt.date(2026, 1, 1), "iso-17021-1-2015"),
    ],
)
def test_rule_set_depends_on_country_and_day(catalogue, country, on, key):
    assert rule_set_for(country, on).key == key


def test_no_rule_set_is_an_error(catalogue):
    with pytest.raises(LookupError, match="no rule set holds for CN on 1999-01-01"):
        rule_set_for("CN", dt.date(1999, 1, 1))


def test_an_old_case_keeps_the_limits_of_a_set_that_has_ended(catalogue):
    rule_set = RuleSet.objects.get(key="cnca-2026")
    rule_set.rules.update(valid_to=dt.date(2026, 3, 1))
    assert book_of(rule_set).value("system_run_months") == 3
