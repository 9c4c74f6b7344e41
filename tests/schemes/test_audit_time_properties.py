from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schemes.audit_time import AuditTimeKind, Integration, SchemeInput
from tests.schemes.shipped import BANDS, days, factor, site

COLUMNS = sorted({(band.scheme, band.category) for band in BANDS})
SCHEMES = sorted({code: (code, category) for code, category in COLUMNS}.values())
FRACTION = {"surveillance": Decimal(1) / 3, "recertification": Decimal(2) / 3}

percents = st.lists(st.integers(-40, 60), max_size=4)
reductions = st.lists(st.integers(-15, 0), max_size=4)
headcounts = st.integers(1, 10700)
columns = st.sampled_from(COLUMNS)
kinds = st.sampled_from(list(AuditTimeKind))
shares = st.integers(0, 60).map(Decimal)


def _scheme(column, asked=()):
    code, category = column
    return SchemeInput(code, category, factors=tuple(factor(percent) for percent in asked))


def _table(result):
    return sum(line.after for line in result.lines if line.key == "table")


def _several(picked, counts, asked, share, level):
    """Return the arguments of a calculation over several schemes and sites."""
    places = [site(count, f"s{n}", central=n == 0) for n, count in enumerate(counts)]
    return {
        "schemes": [_scheme(column, asked) for column in picked],
        "sites": places,
        "central_share_percent": share if len(places) > 1 else Decimal(0),
        "central_share_reason": "the central function does it",
        "integration": Integration(level, "one system") if len(picked) > 1 else None,
    }


several = st.builds(
    _several,
    picked=st.lists(st.sampled_from(SCHEMES), min_size=1, max_size=3, unique=True),
    counts=st.lists(headcounts, min_size=1, max_size=4),
    asked=percents,
    share=shares,
    level=st.integers(-20, 40).map(Decimal),
)


@settings(deadline=None)
@given(columns, percents, kinds, headcounts, headcounts)
def test_more_persons_never_need_less_time(column, asked, kind, one, other):
    few, many = sorted([one, other])
    scheme = _scheme(column, asked)
    assert days(kind, [scheme], [site(few)]).total <= days(kind, [scheme], [site(many)]).total


@settings(deadline=None)
@given(columns, percents, headcounts)
def test_initial_audit_is_never_under_seventy_percent_of_the_table(column, asked, count):
    result = days(AuditTimeKind.INITIAL, [_scheme(column, asked)], [site(count)])
    assert result.total >= _table(result) * Decimal("0.7")


@settings(deadline=None)
@given(columns, percents, headcounts, st.sampled_from(sorted(FRACTION)))
def test_later_audits_are_never_under_seventy_percent_of_their_share(column, asked, count, kind):
    result = days(AuditTimeKind(kind), [_scheme(column, asked)], [site(count)])
    least = _table(result) * Decimal("0.7") * FRACTION[kind]
    assert result.total >= least.quantize(Decimal("0.001"))


@settings(deadline=None)
@given(several)
def test_sites_and_integration_never_go_under_their_caps_together(asked):
    result = days(AuditTimeKind.INITIAL, **asked)
    assert result.total >= _table(result) * Decimal("0.5") * Decimal("0.8")


@settings(deadline=None)
@given(several, kinds)
def test_total_is_the_sum_of_the_lines(asked, kind):
    result = days(kind, **asked)
    assert result.total == sum(line.change for line in result.lines if line.unit == "days")


@settings(deadline=None)
@given(several)
def test_figures_run_on_from_line_to_line(asked):
    result = days(AuditTimeKind.INITIAL, **asked)
    steps = [line for line in result.lines if line.unit == "days"]
    for before, after in pairwise(steps):
        begins_anew = after.key in {"table", "sum"}
        assert begins_anew or after.before == before.after


@settings(deadline=None)
@given(several, kinds)
def test_total_is_in_half_days_and_within_half_a_day_of_the_exact_figure(asked, kind):
    result = days(kind, **asked)
    rounding = next(line for line in result.lines if line.key == "rounding")
    assert rounding.after % Decimal("0.5") == 0
    assert Decimal("-0.25") < rounding.change < Decimal("0.5")
    assert rounding.change <= Decimal("0.25") or rounding.note_en.startswith("Up to the next")


@settings(deadline=None)
@given(several)
def test_order_of_operation_is_adjust_site_sum_integrate_round(asked):
    keys = [line.key.partition(":")[0] for line in days(AuditTimeKind.INITIAL, **asked).lines]
    tail = [key for key in keys if key in {"sum", "integration", "integration_cap", "rounding"}]
    assert keys[len(keys) - len(tail) :] == tail
    assert tail == sorted(tail, key=["sum", "integration", "integration_cap", "rounding"].index)
    order = ["personnel", "table", "factor", "reduction_cap", "central_share", "site_cap"]
    for before, after in pairwise(keys[: len(keys) - len(tail)]):
        assert after == "personnel" or order.index(before) <= order.index(after)


@settings(deadline=None)
@given(columns, reductions, headcounts)
def test_only_a_reduction_over_the_cap_is_reported(column, asked, count):
    result = days(AuditTimeKind.INITIAL, [_scheme(column, asked)], [site(count)])
    expected = ["reduction_over_cap"] if sum(asked) < -30 else []
    assert [problem.key for problem in result.problems] == expected


@settings(deadline=None)
@given(several)
def test_stages_add_up_and_most_of_the_time_is_on_site(asked):
    result = days(AuditTimeKind.INITIAL, **asked)
    assert result.stage_1 + result.stage_2 == result.total
    assert result.stage_1 >= Decimal("0.5")
    assert result.onsite_minimum == result.total * Decimal("0.8")
