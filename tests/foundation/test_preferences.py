"""Language, theme and text size, chosen without a script and without an account."""

import pytest
from django.test import Client
from django.urls import reverse

ADDRESS = "/preferences/"


@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


def choose(client, **choices):
    return client.post(reverse("foundation:preferences"), {"next": "/privacy/", **choices})


def test_choice_returns_to_the_same_page(strict):
    response = choose(strict, language="zh-hans")
    assert (response.status_code, response["Location"]) == (303, "/privacy/")
    assert response.cookies["language"].value == "zh-hans"
    assert response.cookies["language"]["httponly"]
    assert response.cookies["language"]["samesite"] == "Lax"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:x", ""])
def test_choice_never_leads_away(strict, target):
    assert choose(strict, next=target)["Location"] == "/"


def test_theme_and_size_show_on_the_page(strict):
    choose(strict, theme="dark")
    choose(strict, text="large")
    page = strict.get("/privacy/").content.decode()
    assert '<html lang="en" data-bs-theme="dark" class="large">' in page
    choose(strict, theme="")
    choose(strict, text="")
    page = strict.get("/privacy/").content.decode()
    assert '<html lang="en">' in page


def test_language_shows_on_the_page(strict):
    choose(strict, language="zh-hans")
    assert '<html lang="zh-Hans">' in strict.get("/privacy/").content.decode()


@pytest.mark.parametrize("choice", [{"language": "xx"}, {"theme": "pink"}, {"text": "huge"}])
def test_unknown_choice_is_not_kept(strict, choice):
    response = choose(strict, **choice)
    assert [cookie.value for cookie in response.cookies.values()] in ([], [""])


def test_choosing_needs_post(strict):
    assert strict.get(ADDRESS).status_code == 405


def test_language_of_a_person_is_kept_for_mail(client, django_user_model, db):
    person = django_user_model.objects.create_user("wang@lanhai.example", name="Wang Min")
    client.force_login(person)
    choose(client, language="en")
    person.refresh_from_db()
    assert person.language == "en"
