"""Importing organisations in the admin: every row judged first, all or nothing, twice is once."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from foundation.models import JournalEntry
from organisations.forms.imports import COLUMNS
from organisations.identifiers import make_uscc
from organisations.models import Organisation

IMPORT = "/admin/organisations/organisation/import/"


def _facts(serial, **changed):
    return {
        "kind": "enterprise",
        "country": "CN",
        "identifier": make_uscc("330200", serial),
        "name_zh": f"示例{serial}有限公司",
        "address_zh": "宁波市示例路1号",
        "legal_representative": "张三",
        **changed,
    }


def _csv(*rows, columns=COLUMNS):
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
    return SimpleUploadedFile("o.csv", "\n".join(lines).encode())


def _xlsx(*rows):
    book = Workbook()
    book.active.append(COLUMNS)
    for row in rows:
        book.active.append([row.get(name) for name in COLUMNS])
    data = io.BytesIO()
    book.save(data)
    return SimpleUploadedFile("o.xlsx", data.getvalue())


def _send(client, file):
    return client.post(IMPORT, {"file": file})


def _confirm(client, page):
    return client.post(IMPORT, {"rows": page.context["sealed"]}, follow=True)


@pytest.fixture
def operator(cast, client):
    return cast.client(client, "operator")


@pytest.mark.parametrize("make", [_csv, _xlsx])
def test_a_file_is_shown_first_and_imported_once(cast, operator, make):
    rows = [_facts(2001), _facts(2002, name_en="Example Works Ltd.", phone="+86 574 1")]
    before = Organisation.objects.count()
    page = _send(operator, make(*rows))
    assert page.context["counts"] == {"new": 2, "known": 0, "wrong": 0}
    assert Organisation.objects.count() == before
    assert "2 organisations are registered." in _confirm(operator, page).content.decode()
    made = Organisation.objects.get(identifier=rows[1]["identifier"])
    assert (made.region, made.phone, made.name_en) == ("330200", "+86 574 1", "Example Works Ltd.")
    entries = JournalEntry.objects.filter(verb="organisation.registered")
    assert [(e.user, e.data) for e in entries] == [(cast.operator, {"imported": True})] * 2
    again = _send(operator, make(*rows))
    assert again.context["counts"] == {"new": 0, "known": 2, "wrong": 0}
    assert again.context["sealed"] == ""
    _confirm(operator, page)
    assert Organisation.objects.count() == before + 2
    assert entries.count() == 2


def test_wrong_rows_are_named_by_column_and_nothing_is_half_done(cast, operator):
    good = _facts(2001)
    rows = [
        good,
        _facts(2002, identifier=make_uscc("330200", 2002)[:-1] + "?"),
        _facts(2003, name_zh=""),
        _facts(2004, country="XX"),
        _facts(2005, region="33"),
        dict(good),
        _facts(2007, kind="body"),
        _facts(1001, kind="enterprise"),
        _facts(2009, phone="=1+1"),
    ]
    page = _send(operator, _csv(*rows))
    found = {row.number: set(row.errors) for row in page.context["rows"]}
    known = {"name_zh", "address_zh", "address_en", "legal_representative", "phone", "email",
             "name_en", "licence_valid_until"}  # fmt: skip
    assert found == {
        2: set(), 3: {"identifier"}, 4: {"name_zh"}, 5: {"country"}, 6: {"region"},
        7: {"identifier"}, 8: {"kind"}, 9: known, 10: {"phone"},
    }  # fmt: skip
    assert (page.status_code, page.context["sealed"]) == (422, "")
    assert not Organisation.objects.filter(identifier=good["identifier"]).exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"kind,country\n", "Missing columns"),
        ((",".join(COLUMNS) + "\n").encode(), "no rows"),
        ((",".join([*COLUMNS, "secret"]) + "\nx").encode(), "Unknown columns: secret"),
        ((",".join([*COLUMNS, "kind"]) + "\nx").encode(), "Columns named twice: kind"),
        ("名称".encode("gb18030"), "not UTF-8"),
        (",".join(COLUMNS).encode() + b"\n\0", "no text"),
        (",".join(COLUMNS).encode() + b'\n"open', "quotation mark is open"),
        (b"PK\x03\x04 damaged", "damaged"),
        ((",".join(COLUMNS) + "\nenterprise" * 501).encode(), "more than 500 rows"),
    ],
)
def test_unusable_files_are_refused_in_words(cast, operator, data, words):
    page = _send(operator, SimpleUploadedFile("o.csv", data))
    assert page.status_code == 422
    assert words in str(page.context["form"].errors["file"])


def test_a_formula_in_a_workbook_and_a_lost_number_are_refused(cast, operator):
    page = _send(operator, _xlsx(_facts(2001, phone="=A1"), _facts(2002, identifier=9133020000001)))
    found = {row.number: set(row.errors) for row in page.context["rows"]}
    assert found == {2: {"phone"}, 3: {"identifier"}}


def test_what_changed_between_preview_and_confirmation_is_seen(cast, operator):
    row = _facts(2001)
    page = _send(operator, _csv(row, _facts(2002)))
    Organisation.objects.create(
        kind="enterprise", identifier=row["identifier"], name_zh="别的", country="CN"
    )
    before = Organisation.objects.count()
    answer = operator.post(IMPORT, {"rows": page.context["sealed"]})
    assert (answer.status_code, answer.context["counts"]["wrong"]) == (422, 1)
    assert Organisation.objects.count() == before
    forged = operator.post(IMPORT, {"rows": page.context["sealed"] + "x"}, follow=True)
    assert "This preview is too old" in forged.content.decode()


def test_a_look_alike_is_named_and_not_refused(cast, operator):
    page = _send(operator, _csv(_facts(2001, name_zh=cast.enterprise.name_zh)))
    [row] = page.context["rows"]
    assert row.outcome == "new"
    assert cast.enterprise.name in row.warning


def test_the_export_reads_back_as_known(cast, operator):
    Organisation.objects.filter(pk=cast.enterprise.pk).update(phone="+86 574 2")
    data = b"".join(operator.get("/admin/organisations/organisation/export/").streaming_content)
    page = _send(operator, SimpleUploadedFile("o.csv", data))
    wrong = [row for row in page.context["rows"] if row.outcome == "wrong"]
    known = {row.facts["identifier"] for row in page.context["rows"] if row.outcome == "known"}
    assert cast.enterprise.identifier in known
    assert {tuple(row.errors) for row in wrong} <= {("address_zh",), ("legal_representative",),
           ("legal_representative", "address_zh")}  # fmt: skip
    template = operator.get("/admin/organisations/organisation/template/")
    data = b"".join(template.streaming_content)
    page = _send(operator, SimpleUploadedFile("o.csv", data))
    assert page.context["counts"] == {"new": 1, "known": 0, "wrong": 0}
