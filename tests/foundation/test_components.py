"""Every component of templates/components/, and the tags of portal_ui, as the reader gets them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils.translation import override

from foundation.icons import ICONS, STATUS_ICONS
from foundation.tables import Column

TEMPLATES = Path(settings.BASE_DIR) / "templates"
CODE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def render(source, path="/", **context):
    context.setdefault("request", RequestFactory().get(path))
    return Template("{% load portal_ui %}" + source).render(Context(context))


def include(component, /, **context):
    return render(f'{{% include "components/{component}.html" %}}', **context)


def words(html):
    return " ".join(TAG.sub(" ", html).split())


@pytest.fixture
def june(time_machine):
    time_machine.move_to(datetime(2026, 6, 11, 2, tzinfo=UTC), tick=False)


@pytest.mark.parametrize("kind", STATUS_ICONS)
def test_status_tag_has_icon_and_word(kind):
    html = render("{% status_tag kind label %}", kind=kind, label="A <word>")
    assert html.count("<svg") == 1
    assert words(html) == "A &lt;word&gt;"
    assert re.search(r'class="tag t-(\w+)"', html).group(1) in {
        "valid", "suspended", "withdrawn", "expired", "cancelled", "reduced", "info"
    }  # fmt: skip


def test_status_tag_refuses_an_unknown_kind():
    with pytest.raises(KeyError):
        render("{% status_tag 'happy' 'Happy' %}")


@pytest.mark.parametrize("name", ICONS)
def test_icon_is_hidden_from_screen_readers(name):
    html = render("{% icon name 'word' %}", name=name)
    assert html.startswith('<svg class="i word" viewBox="0 0 24 24" aria-hidden="true"><')


@pytest.mark.parametrize(
    ("day", "level", "text"),
    [
        (date(2026, 6, 10), " late", "10 June 1 working day overdue"),
        (date(2026, 6, 11), " soon", "11 June Due today"),
        (date(2026, 6, 18), " soon", "18 June 5 working days left"),
        (date(2026, 7, 31), "", "31 July 35 working days left"),
    ],
)
def test_contextual_date_words_every_level(june, day, level, text):
    html = render("{% contextual_date day %}", day=day)
    assert html.startswith(f'<span class="cdate{level}">')
    assert words(html) == text


def test_a_limit_reads_anew_each_day_and_in_each_language():
    read = []
    for now, language in (("19", "en"), ("22", "en"), ("22", "zh-hans"), ("19", "en")):
        with time_machine.travel(f"2026-06-{now}T04:00:00Z", tick=False), override(language):
            html = render("{% contextual_date day %}", day=date(2026, 6, 19))
        read.append(re.search("<small>(.*)</small>", html)[1])
    assert read == ["Due today", "1 working day overdue", "已逾期 1 个工作日", "Due today"]


def test_contextual_date_of_nothing_is_nothing():
    assert render("{% contextual_date None %}").strip() == ""


def test_todo_card_shows_days_weekday_and_one_primary_button(june):
    html = include(
        "todo_card", title="Answer 2 nonconformities", text="Explain.", url="/nc/",
        action="Start answering", more="Ask for more time", more_url="/more/",
        due=date(2026, 6, 18), saved="Draft saved",
    )  # fmt: skip
    assert words(html) == (
        "Answer 2 nonconformities Explain. Start answering Ask for more time Draft saved "
        "5 working days left Due Thursday 18 June 2026"
    )
    assert html.count("btn-primary") == 1


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 6, 11), "Today Due Thursday 11 June 2026"),
        (date(2026, 6, 9), "2 working days overdue Due Tuesday 9 June 2026"),
    ],
)
def test_todo_card_words_today_and_the_past(june, day, text):
    html = include("todo_card", title="T", due=day)
    assert words(html) == f"T {text}"
    assert ("todo late" in html) == (day < date(2026, 6, 11))


def test_tracker_marks_the_present_step_and_tells_done_ones():
    steps = [
        {"title": "Application", "state": "done", "when": "2 March", "who": "You"},
        {"title": "Review", "state": "now", "when": "by 5 March", "who": "Body"},
        {"title": "Certificate", "state": "todo"},
    ]
    html = include("tracker", steps=steps)
    assert words(html) == (
        "Progress Step 2 of 3 Application (completed) 2 March You Review by 5 March Body "
        "Certificate"
    )
    assert html.count('aria-current="step"') == 1


def test_timeline_dates_each_entry_and_names_who():
    entries = [
        {"at": datetime(2026, 6, 9, 8, 5, tzinfo=UTC), "text": "Closed", "who": "Li Gong",
         "kind": "closed", "note": "NC-03"},
        {"at": datetime(2026, 5, 21, 1, 12, tzinfo=UTC), "text": "Sent"},
    ]  # fmt: skip
    html = include("timeline", entries=entries, all_url="/all/")
    assert words(html) == (
        "History All events 9 June 2026 at 16:05 Closed by Li Gong NC-03 21 May 2026 at 09:12 Sent"
    )
    assert re.findall(r'<li class="(t-\w+)">', html) == ["t-valid", "t-info"]
    assert "Nothing has happened yet." in include("timeline", entries=[], bare=True)


def test_timeline_links_each_entry_that_has_a_name():
    entry = {"at": datetime(2026, 6, 9, 8, 5, tzinfo=UTC), "text": "Closed", "anchor": "entry-0d2e"}
    html = include("timeline", entries=[entry], bare=True)
    assert words(html) == "9 June 2026 at 16:05 Link to this entry Closed"
    assert '<li class="t-info" id="entry-0d2e">' in html
    assert re.findall(r'href="([^"]*)"', html) == ["?history#entry-0d2e"]


def test_summary_list_says_what_is_missing_and_names_each_change_link():
    facts = [
        {"label": "Legal name", "value": "Lanhai <b>", "url": "/edit/#name"},
        {"label": "Headcount", "value": 0},
        {"label": "Website", "value": ""},
        {"label": "Code", "value": "9133", "code": True},
        {"label": "Status", "value": "Valid", "kind": "valid"},
    ]
    html = include("summary_list", facts=facts)
    assert words(html) == (
        "Legal name Lanhai &lt;b&gt; Change Legal name Headcount 0 Website Not provided "
        "Code 9133 Status Valid"
    )


def test_gate_card_lists_blockers_with_links_or_says_that_none_is_left():
    blockers = [{"message": "NC-01 is open", "url": "/nc/1/"}, {"message": "No report", "url": ""}]
    html = include("gate_card", title="Cannot decide yet", blockers=blockers, focus=True)
    assert words(html) == "Cannot decide yet 2 reasons NC-01 is open No report"
    assert re.findall(r'href="([^"]*)"', html) == ["/nc/1/"]
    assert "autofocus" in html
    assert words(include("gate_card", blockers=[])) == "Nothing is missing"


def test_what_next_numbers_the_steps():
    html = include("what_next", steps=[{"title": "You send", "text": "By 19 June."}])
    assert words(html) == "What happens next You send By 19 June."


def test_task_list_leaves_done_plain_and_locked_unlinked():
    states = ["done", "started", "todo", "problem", "locked"]
    tasks = [{"title": state, "url": f"/{state}/", "state": state} for state in states]
    html = include("task_list", tasks=tasks)
    assert words(html) == (
        "done Completed started In progress todo Not started problem There is a problem "
        "locked Cannot start yet"
    )
    assert re.findall(r'href="([^"]*)"', html) == ["/done/", "/started/", "/todo/", "/problem/"]
    assert html.count('class="tag') == 3


def test_rating_offers_five_words_best_first():
    html = include("rating", name="fairness", legend="Fairness", value=4)
    assert words(html) == "Fairness Very good Good Fair Poor Very poor"
    assert re.findall(r'value="(\d)"( checked)?', html) == [
        ("5", ""), ("4", " checked"), ("3", ""), ("2", ""), ("1", "")
    ]  # fmt: skip


def test_diff_list_shows_both_sides():
    changes = [
        {"label": "Name", "before": "Old", "after": "New"},
        {"label": "Site", "before": "Plant 2", "after": ""},
        {"label": "Scope", "before": "", "after": "Gears"},
    ]
    html = include("diff_list", changes=changes)
    assert words(html) == (
        "Field Before After Name Old New Site Plant 2 Removed Scope Not provided Gears"
    )
    assert (html.count("<del>"), html.count("<ins>")) == (2, 2)


def test_file_row_tells_type_size_time_and_digest():
    file = SimpleNamespace(
        name="plan.pdf", size=212_000, sha256="0d2ea898046bc1aa" * 4, get_absolute_url="/f/1/",
        created_at=datetime(2026, 6, 9, 8, 5, tzinfo=UTC),
    )  # fmt: skip
    html = include("file_row", file=file, who="Chen S.", digest=True)
    assert words(html) == (
        "plan.pdf 9 June 2026 at 16:05 · Chen S. SHA-256 0D2E A898 046B C1AA PDF · 212\u00a0KB"
    ).replace("\u00a0", " ")


def test_receipt_gives_number_and_time():
    html = include(
        "receipt", title="Application sent", number="A-1", at=datetime(2026, 6, 9, 8, tzinfo=UTC),
        url="/a.pdf", action="Download",
    )  # fmt: skip
    assert words(html) == "Application sent Reference A-1 9 June 2026 at 16:00 Download"


def test_answer_band_names_the_status_in_both_languages():
    html = include(
        "answer_band", kind="withdrawn", word="Withdrawn", other="撤销", other_lang="zh-Hans",
        text="Do not rely on it.", at="Live check",
    )  # fmt: skip
    assert words(html) == "Withdrawn 撤销 Do not rely on it. Live check"
    assert '<small lang="zh-Hans">' in html
    assert "t-withdrawn" in html


@pytest.mark.parametrize(
    ("state", "text", "polls"),
    [
        ("queued", "Signing Waiting to start", True),
        ("running", "Signing In progress", True),
        ("done", "Signing Done", False),
        ("failed", "Signing Failed Try again", False),
    ],
)
def test_job_state_polls_until_the_job_ends(state, text, polls):
    job = SimpleNamespace(state=state, progress=40)
    html = include("job_state", job=job, title="Signing", url="/j/1/", retry_url="/j/1/retry/")
    assert words(html.split("<noscript>")[0]) == text
    assert ('data-poll="/j/1/"' in html) == polls
    assert ("js/poll.js" in html) == polls
    assert ('value="40"' in html) == (state == "running")


def test_pagination_keeps_the_query_and_elides():
    page = Paginator(range(450), 25).page(7)
    html = render('{% include "components/pagination.html" %}', path="/x/?q=a&page=7", page=page)
    assert words(html) == "151 to 175 of 450 Previous 1 … 6 7 8 … 18 Next"
    assert "?q=a&amp;page=8" in html
    assert html.count('aria-current="page"') == 1


def test_empty_state_gives_a_way_on():
    html = include("empty_state", title="No certificates yet", action="Apply", url="/apply/")
    assert words(html) == "No certificates yet Apply"


def test_saved_state_tells_the_last_save():
    at = datetime(2026, 6, 9, 6, 31, tzinfo=UTC)
    assert words(include("saved_state", at=at)) == "Saved at 14:31"
    assert words(include("saved_state")) == ""


def test_person_and_views():
    assert words(include("person", name="李工", sub="Lead")) == "李 李工 Lead"
    views = [{"label": "Mine", "url": "/m/", "count": 0, "current": True}]
    assert words(include("views", views=views)) == "Saved views Mine 0"


class Row(SimpleNamespace):
    def __str__(self):
        return self.name


def test_data_table_labels_cells_for_phones_and_sorts_by_link():
    columns = [
        Column("Client", field="owner.name", main=True, sort="client"),
        Column("Due", field="due", number=True, sort="due"),
        Column("Note", field="note"),
    ]
    rows = [Row(pk=7, name="A-7", owner=Row(name="Lanhai"), due=3, note=None)]
    html = render(
        "{% data_table columns rows select='pick' %}",
        path="/x/?sort=due&page=2&q=a", columns=columns, rows=rows,
    )  # fmt: skip
    assert words(html) == "Select Client Due ↑ Note Lanhai 3"
    assert re.findall(r'href="([^"]*)"', html) == [
        "?q=a&amp;sort=client", "?q=a&amp;sort=-due"
    ]  # fmt: skip
    assert re.findall(r'aria-sort="(\w+)"', html) == ["ascending"]
    assert re.findall(r'data-label="(\w+)"', html) == ["Due", "Note"]
    assert 'name="pick" value="7" aria-label="Select A-7"' in html


def test_copy_button_is_hidden_until_a_script_shows_it_and_loads_it_once():
    html = render("{% copy_button 'HZ-1' %}{% copy_button 'HZ-2' label='Copy link' %}")
    assert html.count(" hidden>") == 2
    assert html.count("<script") == 1
    assert re.findall(r'data-copy="([^"]*)"', html) == ["HZ-1", "HZ-2"]


def test_filters_escape_and_group():
    assert render("{{ value|code }}", value="<x>") == '<span class="mono">&lt;x&gt;</span>'
    assert render("{{ value|nowrap }}", value="GB/T 19001-2016 / ISO <9001>") == (
        '<span class="nw">GB/T 19001-2016</span> / <span class="nw">ISO &lt;9001&gt;</span>'
    )
    assert render("{{ ''|code }}{{ None|day }}{{ None|nowrap }}{{ None|money:'EUR' }}") == ""
    sums = render("{{ amount|money }}, {{ amount|money:'EUR' }}", amount=Decimal(5))
    assert sums == "CNY\u00a05.00, EUR\u00a05.00"
    assert render("{{ 'a.tar.gz'|file_type }} {{ 'LICENCE'|file_type }}") == "GZ "
    assert render("{% datetime day %}", day=date(2026, 3, 16)) == (
        '<time datetime="2026-03-16">16 March 2026</time>'
    )


def all_templates():
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", all_templates())
def test_template_compiles_and_keeps_to_the_content_policy(name):
    get_template(name)
    text = CODE.sub("", (TEMPLATES / name).read_text(encoding="utf-8"))
    if "/mail/" in name or "/pdf/" in name:
        return
    assert re.findall(r"\sstyle=|\son[a-z]+=\"|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []


def test_every_component_says_what_it_takes():
    components = sorted((TEMPLATES / "components").glob("*.html"))
    silent = [c.name for c in components if not c.read_text("utf-8").startswith("{% comment %}")]
    assert silent == []
