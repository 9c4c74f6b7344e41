"""Bad inputs B24 to B30, B35 and B36: what people type, posted through real pages.

One test bears the number of each row; the others ask what the rows leave open.
"""

import csv
import importlib
import io
import pkgutil
import re
import time
import unicodedata

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from certification.models import Application
from certification.queries.evidence import evidence_for
from foundation.access import every_url
from organisations.identifiers import make_uscc
from organisations.lookalikes import skeleton
from organisations.models import Membership, Organisation
from tests.certification.applications import (
    complete_draft,
    errors_of,
    sent_application,
    step_url,
)
from tests.corpus import make
from tests.people import make_enterprise

REGISTER = "/organisations/register/enterprise/"


@pytest.fixture
def newcomer(cast):
    return User.objects.create_user("new@demo.example", "portal-demo", name="新人", language="en")


def facts(**changed) -> dict:
    return {
        "country": "CN",
        "identifier": make_uscc("330200", 7777),
        "name_zh": "温岭青禾机电有限公司",
        "name_en": "Wenling Qinghe Ltd.",
        "address_zh": "浙江省温岭市示例路1号",
        "region": "331081",
        "legal_representative": "何青",
        "phone": "0576-00000000",
        "email": "office@qinghe.example",
        "licence": SimpleUploadedFile("licence.pdf", make.pdf()),
    } | changed


FORMULAS = ("=cmd|' /C calc'!A0", "+1", "-2", "@SUM(1)", "\uff1d1", "\u3000=1", "  =1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_b24_no_cell_of_an_export_is_a_formula(cast, client, formula):
    application = sent_application(cast)
    Organisation.objects.filter(pk=cast.enterprise.pk).update(name_zh=formula, name_en=formula)
    cast.client(client, "reviewer")
    text = client.get(reverse("certification:applications_export")).getvalue().decode("utf-8-sig")
    [row] = [line for line in csv.reader(io.StringIO(text)) if application.number in line]
    assert f"'{formula}" in row
    assert [cell for cell in row if cell.lstrip(" \u3000").startswith(("=", "+", "-", "@"))] == []


INVISIBLE = {
    "bidi override": "Acme\u202egnp",
    "bidi isolate": "Acme\u2066Ltd",
    "zero width space": "Ac\u200bme",
    "zero width joiner": "Ac\u200dme",
    "byte order mark": "Acme\ufeff Ltd",
    "soft hyphen": "Ac\u00adme",
    "carriage return": "Acme\rLtd",
    "line feed": "Acme\nLtd",
    "tabulator": "Acme\tLtd",
    "bell": "Acme\x07",
    "tag": "Acme\U000e0041",
    "private use": "Acme\ue000",
}


@pytest.mark.parametrize("name", INVISIBLE.values(), ids=INVISIBLE)
def test_b25_a_name_with_what_cannot_be_seen_is_refused(client, newcomer, name):
    client.force_login(newcomer)
    answer = client.post(REGISTER, facts(name_en=name))
    hidden = next(c for c in name if unicodedata.category(c) in ("Cc", "Cf", "Co"))
    assert answer.status_code == 422
    assert errors_of(answer) == {
        "name_en": [f"Remove the invisible character U+{ord(hidden):04X}; type the text again."]
    }
    assert answer.context["form"]["legal_representative"].value() == "何青"
    assert not Organisation.objects.filter(legal_representative="何青").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("A\u0300\u0301\u0302\u0303\u0304cme", "Remove the marks that are heaped on one letter"),
        ("Acme\0Ltd", "Remove the invisible character U+0000"),
        ("A" * 201, "at most 200 characters"),
    ],
)
def test_a_name_that_hides_or_breaks_the_text_is_refused(client, newcomer, name, message):
    client.force_login(newcomer)
    answer = client.post(REGISTER, facts(name_en=name))
    assert (answer.status_code, list(errors_of(answer))) == (422, ["name_en"])
    assert message in errors_of(answer)["name_en"][0]


def test_letters_with_the_marks_that_languages_write_are_fine(client, newcomer):
    client.force_login(newcomer)
    assert client.post(REGISTER, facts(name_en="Phở Việt Ünïon Ltd.")).status_code == 302
    assert Organisation.objects.filter(name_en="Phở Việt Ünïon Ltd.").exists()


LOOK = {
    "Cyrillic letter": "Ningbo L\u0430nhai Precision Machinery Co., Ltd.",
    "Greek letter": "N\u03b9ngbo Lanhai Precision Machinery Co., Ltd.",
    "mathematical letter": "\U0001d40dingbo Lanhai Precision Machinery Co., Ltd.",
    "full-width letter": "\uff2eingbo Lanhai Precision Machinery Co., Ltd.",
    "digit for a letter": "Ningb0 Lanhai Precision Machinery Co., Ltd.",
    "other punctuation": "Ningbo-Lanhai Precision Machinery Co Ltd",
    "accent": "Ningbo Lánhai Precision Machinery Co., Ltd.",
}


def flags(application) -> list[tuple]:
    rows = [fact for point in evidence_for(application).values() for fact in point]
    return [(r["value"], r["kind"]) for r in rows if str(r["label"]) == "Look-alike name"]


@pytest.mark.parametrize("name", LOOK.values(), ids=LOOK)
def test_b26_a_look_alike_name_is_taken_and_shown_to_the_reviewer(cast, client, newcomer, name):
    client.force_login(newcomer)
    assert client.post(REGISTER, facts(name_en=name)).status_code == 302
    made = Organisation.objects.get(legal_representative="何青")
    assert unicodedata.normalize("NFC", name) == made.name_en
    assert skeleton(name) == cast.enterprise.look_en
    application = sent_application(cast)
    assert flags(application) == [("1 other enterprise", "waiting")]
    cast.client(client, "reviewer")
    page = client.get(reverse("certification:review", args=[application.pk])).content.decode()
    assert "The name could be taken for another. Compare the licences." in page


def test_chinese_names_a_stroke_apart_look_alike(cast):
    other = make_enterprise(1003, "宁波蓝海精密机械有限公司", "Another Works Ltd.")
    Organisation.objects.filter(pk=other.pk).update(name_zh="", look_zh="")
    assert skeleton("已方土木未来有限公司") == skeleton("己方士木末来有限公司")
    assert flags(sent_application(cast)) == []


def test_letters_of_another_script_are_named_to_the_reviewer(cast):
    cast.enterprise.name_en = "\u0410cme Precision Ltd."
    cast.enterprise.save(update_fields=["name_en"])
    assert flags(sent_application(cast)) == [("Unusual letters", "waiting")]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("&".join(f"f{n}=1" for n in range(4000)), "application/x-www-form-urlencoded", 400),
        ("processes=" + "a" * 3 * 1024**2, "application/x-www-form-urlencoded", 400),
        # What holds no answer holds no token either.
        (b"--x\r\nno end", "multipart/form-data; boundary=x", 403),
        (b"[" * 100_000, "application/json", 403),
    ],
    ids=["4,000 fields", "3 MB", "broken parts", "JSON of 100,000 levels"],
)
def test_b28_a_body_that_no_form_sends_changes_nothing(cast, body, kind, status):
    application = complete_draft(cast)
    client = Client(enforce_csrf_checks=status == 403)
    rows = Application.objects.filter(pk=application.pk)
    before = rows.values().get()
    cast.client(client, "owner")
    answer = client.generic("POST", step_url(application, "scope"), body, content_type=kind)
    assert answer.status_code == status
    after = rows.values().get()
    assert {name for name in after if after[name] != before[name]} <= {"changed_at"}


def test_more_files_than_any_form_has_are_refused(cast, client):
    application = complete_draft(cast)
    cast.client(client, "owner")
    files = {f"f{n}": SimpleUploadedFile("a.pdf", make.pdf()) for n in range(21)}
    assert client.post(step_url(application, "documents"), files).status_code == 400


ODD = ("%00", "%ED%A0%80%27%22%3C", "9" * 400)
# What the library answers itself, and whether this machine is ready: no lists of ours.
_NO_LISTS = ("admin/", "accounts/", "i18n/", "readyz")
NAMES = ("q", "search", "page", "status", "sort", "scheme", "body", "kind", "view", "tab", "from")


def test_no_list_breaks_on_what_its_address_may_hold(cast, client):
    """NUL, lone surrogates, numbers beyond all bounds: an answer, never a fault."""
    answers = set()
    for person in ("manager", "operator"):
        cast.client(client, person)
        for pattern, right in every_url():
            if "<" in pattern or pattern.startswith(_NO_LISTS) or not right:
                continue
            for odd in ODD:
                query = "&".join(f"{name}={odd}" for name in NAMES)
                answers.add(client.get(f"/{pattern}?{query}").status_code)
    assert answers <= {200, 302, 400, 401, 403, 404, 405, 422}


def test_b30_fields_that_a_form_does_not_have_reach_no_row(cast, client):
    application = complete_draft(cast)
    cast.client(client, "owner")
    more = {
        "status": "accepted", "state": "accepted", "number": "A-1", "enterprise": str(cast.body.pk),
        "reviewer": str(cast.owner.pk), "is_staff": "on", "is_superuser": "on", "role": "manager",
        "organisation": str(cast.rival_enterprise.pk), "id": str(cast.body.pk),
    }  # fmt: skip
    before = Application.objects.values().get(pk=application.pk)
    people = list(User.objects.order_by("pk").values())
    client.post(step_url(application, "contact"), more | {"contact_name": "何青", "seen": "{}"})
    client.post(f"{cast.enterprise.get_absolute_url()}edit/", facts(**more, kind="body"))
    client.post("/accounts/name/", more | {"name": "沈若溪"})
    after = Application.objects.values().get(pk=application.pk)
    kept = ("status", "number", "enterprise_id", "body_id", "reviewer_id", "id")
    assert {k: after[k] for k in kept} == {k: before[k] for k in kept}
    assert [(p["is_staff"], p["is_superuser"]) for p in User.objects.order_by("pk").values()] == [
        (p["is_staff"], p["is_superuser"]) for p in people
    ]
    cast.enterprise.refresh_from_db()
    assert cast.enterprise.kind == "enterprise"
    assert (
        Membership.objects.filter(user=cast.owner).values_list("role", flat=True).get() == "owner"
    )


LITERAL = "{{ x.__class__ }}{0.__init__}{% load i18n %}${7*7}%(name)s<b>%s"


def test_b35_nothing_typed_is_evaluated(cast, client):
    """Shown on pages, in notices, in the journal and in the PDF exactly as it was typed."""
    Organisation.objects.filter(pk=cast.enterprise.pk).update(name_zh=LITERAL, name_en=LITERAL)
    User.objects.filter(pk=cast.owner.pk).update(name=LITERAL)
    cast.owner.refresh_from_db()
    application = sent_application(cast, scope_zh=LITERAL, scope_en=LITERAL)
    shown = LITERAL.replace("<", "&lt;").replace(">", "&gt;")
    for person in ("owner", "reviewer"):
        cast.client(client, person)
        assert shown in client.get(application.get_absolute_url()).content.decode()
    cast.client(client, "reviewer")
    page = client.get(reverse("certification:review", args=[application.pk])).content.decode()
    assert shown in page
    assert "49" not in re.findall(r"\$\S*", page)
    assert shown in client.get(reverse("foundation:notices")).content.decode()


# They read nothing but our own style sheets, and PDFs that we have just made.
OURS_ALONE = ("foundation.inline_css", "foundation.pdf_forms")
# Set up the process that imports them.
PROCESSES = ("portal.gunicorn", "portal.asgi", "portal.wsgi")


def patterns() -> dict:
    """Return every compiled pattern that what people type may meet, by module and name."""
    found = {}
    for app in ("foundation", "accounts", "organisations", "schemes", "certification", "audits",
                "verification", "portal"):  # fmt: skip
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" in module.name or module.name in (*OURS_ALONE, *PROCESSES):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    found[f"{module.name}.{name}"] = value
    return found


def test_b36_no_pattern_of_ours_is_slow():
    """200,000 characters of every kind that could make one go back and try again."""
    slow = {}
    for name, pattern in patterns().items():
        for part in ("a", "1", " ", ".", "A.1", "/*", "<", "{a", "\u0300", "不", "1-", "0 R"):
            text = part * (200_000 // len(part)) + "\N{NULL}"
            sent = text.encode() if isinstance(pattern.pattern, bytes) else text
            begin = time.thread_time()
            pattern.search(sent)
            pattern.fullmatch(sent)
            slow[name] = max(slow.get(name, 0), time.thread_time() - begin)
    assert {name: spent for name, spent in slow.items() if spent > 0.2} == {}


def test_no_pattern_repeats_what_repeats():
    """The shape that takes exponential time, such as ``(a+)+``."""
    nested = re.compile(r"\([^()]*[+*][^()]*\)[+*]")
    found = set()
    for name, pattern in patterns().items():
        plain = re.sub(r"\\.|\[[^\]]*\]", "x", str(pattern.pattern))
        # A group that begins with a fixed sign, as ``(?:\.\d+)*``, cannot be split in two ways.
        if nested.search(re.sub(r"\(\?:x x|\(\?:xx\{[^}]*\}\)\*", "", plain)):
            found.add(name)
    assert found == set()
