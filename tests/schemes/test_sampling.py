from decimal import Decimal
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemes.audit_time import AuditTimeKind, sample_sites, sample_size
from tests.schemes.shipped import CNCA, ISO, rule_book

KINDS = (AuditTimeKind.INITIAL, AuditTimeKind.SURVEILLANCE, AuditTimeKind.RECERTIFICATION)
SQUARED = {
    AuditTimeKind.INITIAL: 100,
    AuditTimeKind.SURVEILLANCE: 36,
    AuditTimeKind.RECERTIFICATION: 64,
}

counts = st.integers(1, 400)
seeds = st.text(min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (1, (1, 1, 1)),
        (2, (2, 2, 2)),
        (5, (3, 2, 2)),
        (10, (4, 2, 3)),
        (25, (5, 3, 4)),
        (50, (8, 5, 6)),
        (100, (10, 6, 8)),
    ],
)
def test_sample_sizes_of_the_worked_examples(count, sizes):
    assert tuple(sample_size(count, kind, ISO) for kind in KINDS) == sizes


@pytest.mark.parametrize("rules", [ISO, CNCA])
@given(count=counts, kind=st.sampled_from(KINDS))
def test_sample_is_the_factor_times_the_root_rounded_up(rules, count, kind):
    size = sample_size(count, kind, rules)
    if size == min(count, 2):
        assert SQUARED[kind] * count <= (10 * size) ** 2
    else:
        assert (10 * (size - 1)) ** 2 < SQUARED[kind] * count <= (10 * size) ** 2


def test_least_sample_is_a_rule():
    rules = rule_book("iso-17021-1-2015", sampling_min_sites=1)
    assert tuple(sample_size(2, kind, rules) for kind in KINDS) == (2, 1, 2)


def test_rounding_of_the_sample_is_a_rule():
    rules = rule_book("iso-17021-1-2015", sampling_rounding="nearest", sampling_min_sites=1)
    assert tuple(sample_size(10, kind, rules) for kind in KINDS) == (3, 2, 3)
    assert tuple(sample_size(2, kind, rules) for kind in KINDS) == (1, 1, 1)


def test_stages_sample_as_the_initial_audit_does():
    assert sample_size(25, AuditTimeKind.STAGE_1, ISO) == 5
    assert sample_size(25, AuditTimeKind.STAGE_2, ISO) == 5


def test_sites_that_cannot_be_sampled_are_all_visited_or_a_share_a_year():
    sizes = [sample_size(11, kind, ISO, sampling_allowed=False) for kind in KINDS]
    assert sizes == [11, 4, 11]


def test_no_sites_give_no_sample():
    assert sample_size(0, AuditTimeKind.INITIAL, ISO) == 0


def test_fewer_than_no_sites_are_refused():
    with pytest.raises(ValueError, match="fewer than 0"):
        sample_size(-1, AuditTimeKind.INITIAL, ISO)


def test_draw_of_a_known_seed_stays_the_same_for_ever():
    sites = [f"site-{number:02}" for number in range(1, 11)]
    sample = sample_sites(sites, 4, "seed of the programme")
    assert sample.drawn == ("site-06",)
    assert sample.chosen == ("site-01", "site-02", "site-03")


@settings(deadline=None)
@given(counts, seeds, st.randoms(use_true_random=False))
def test_draw_is_reproducible_whatever_the_order(count, seed, random):
    sites = [f"s{number}" for number in range(count)]
    size = sample_size(count, AuditTimeKind.INITIAL, ISO)
    shuffled = random.sample(sites, len(sites))
    assert sample_sites(sites, size, seed).drawn == sample_sites(shuffled, size, seed).drawn
    assert sample_sites(sites, size, seed) == sample_sites(sites, size, seed)


@settings(deadline=None)
@given(counts, seeds, st.sampled_from(KINDS))
def test_a_quarter_of_the_sample_is_drawn_and_the_rest_is_the_riskiest(count, seed, kind):
    sites = [f"s{number}" for number in range(count)]
    size = sample_size(count, kind, ISO)
    sample = sample_sites(sites, size, seed)
    assert len(sample.drawn) == ceil(size * Decimal("0.25"))
    assert len(set(sample.keys)) == size
    rest = [key for key in sites if key not in sample.drawn]
    assert list(sample.chosen) == rest[: size - len(sample.drawn)]


def test_other_seeds_draw_other_sites():
    sites = [f"s{number}" for number in range(100)]
    drawn = {sample_sites(sites, 10, f"seed {number}").drawn for number in range(50)}
    assert len(drawn) == 50


@pytest.mark.parametrize(("sites", "size"), [(["a"], 2), (["a"], -1), (["a", "a"], 1)])
def test_impossible_draws_are_refused(sites, size):
    with pytest.raises(ValueError, match=r"\w"):
        sample_sites(sites, size, "seed")
