"""The questions the product ships: every clause has one, both languages, no standard's text."""

import re

import pytest

from tests.schemes.shipped import CATALOGUE

EDITIONS = sorted({row["edition"] for row in CATALOGUE.clauses})


def leaves(edition):
    numbers = [row["number"] for row in CATALOGUE.clauses if row["edition"] == edition]
    return [n for n in numbers if not any(other.startswith(f"{n}.") for other in numbers)]


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_clause_of_an_edition_is_asked_about_in_a_whole_audit(edition):
    asked = [n for row in CATALOGUE.questions if not row["only"]
             for n in row["clauses"].get(edition, ())]  # fmt: skip
    missing = [n for n in leaves(edition) if not any(f"{n}.".startswith(f"{a}.") for a in asked)]
    assert missing == []


@pytest.mark.parametrize("kind", ["stage_1", "surveillance", "recertification"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_kind_of_audit_has_questions_of_its_own(edition, kind):
    own = [row for row in CATALOGUE.questions if kind in row["only"] and edition in row["clauses"]]
    assert len(own) >= 5


def test_questions_are_worded_in_both_languages_and_only_once():
    english = [row["text_en"] for row in CATALOGUE.questions]
    chinese = [row["text_zh"] for row in CATALOGUE.questions]
    assert len(set(english)) == len(english)
    assert len(set(chinese)) == len(chinese)
    assert [text for text in chinese if not re.search("[一-鿿]", text)] == []
    assert [text for text in english if re.search("[一-鿿]", text)] == []


def test_questions_are_no_requirements_of_a_standard():
    """A standard speaks in shall; a question asks."""
    assert [
        row["key"] for row in CATALOGUE.questions if re.search(r"\bshall\b", row["text_en"])
    ] == []
    assert [row["key"] for row in CATALOGUE.questions if row["text_zh"][-1] not in "？。"] == []
