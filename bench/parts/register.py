"""Fill an empty PostgreSQL with a register: certificates of three years, evenly spread.

One row of each kind is made by the models, the others are copies of it that the database makes.
"""

import uuid
from datetime import date

from django.db import connection
from django.utils import timezone

from accounts.models import User
from audits.models import Audit, Finding
from certification.models import AuditOutcome, Case, Certificate, ProgrammeItem
from organisations.models import BodyProfile, Membership, Organisation
from schemes.models import Clause, RuleSet, Scheme

DAYS = 1096  # a cycle of three years
PEOPLE = 2000
# Of a thousand: surveillances not held in time, certificates suspended at any time, nonconformities
# that wait for their enterprise, and majors among these; limits missed yesterday add to these.
MISSED, SUSPENDED, WAITING, MAJOR = 100, 20, 60, 100


def fill(count: int) -> None:
    """Write so many certificates, each with its case, enterprise, programme and audits."""
    today = timezone.localdate()
    base = _one_of_each(today)
    with connection.cursor() as cursor:
        for model, changed in _kinds(today, base):
            _copy(cursor, model, base[model], count, changed)
        cursor.execute("UPDATE certification_programmeitem SET done_on = NULL WHERE done_on > %s",
                       [today])  # fmt: skip
        cursor.execute("ANALYZE")


def _one_of_each(today: date) -> dict:
    scheme = Scheme.objects.get(code="QMS")
    edition = scheme.editions.first()
    rule_set = RuleSet.objects.get(country="CN")
    body = Organisation.objects.create(
        kind="body", name_zh="示例认证", name_en="Example Certification", identifier="B"
    )
    BodyProfile.objects.create(organisation=body, approval_number="CNCA-R-0000", short_code="000")
    for role in ("certifier", "manager", "planner"):
        user = User.objects.create_user(f"{role}@bench.example", name=role)
        Membership.objects.create(user=user, organisation=body, role=role)
    auditor = User.objects.create_user("auditor@bench.example", name="auditor")
    user = User.objects.create_user("0@bench.example", name="owner")
    enterprise = Organisation.objects.create(
        kind="enterprise", name_zh="示例企业", name_en="Example Works", identifier="0"
    )
    parties = {"enterprise": enterprise, "body": body}
    case = Case.objects.create(
        number="C-0", status="certified", thread=uuid.uuid4(), rule_set=rule_set,
        cycle_starts_on=today, **parties,
    )  # fmt: skip
    item = ProgrammeItem.objects.create(
        case=case, cycle=1, kind="surveillance_1", days=2, on_site_days=2
    )
    audit = Audit.objects.create(
        number="A-0", status="completed", case=case, cycle=1, kind="stage_2", days=4,
        starts_on=today, ends_on=today, opened_at=timezone.now(), closed_at=timezone.now(),
        proposed_at=timezone.now(), **parties,
    )  # fmt: skip
    return {
        User: user,
        Organisation: enterprise,
        Membership: Membership.objects.create(user=user, organisation=enterprise, role="owner"),
        Case: case,
        Certificate: Certificate.objects.create(
            number="N-0", code="0", status="valid", case=case, scheme=scheme, edition=edition,
            holder_zh="示例企业", holder_en="Example Works", holder_identifier="0",
            first_issued_on=today, effective_on=today, expires_on=date.max, **parties,
        ),
        ProgrammeItem: item,
        Audit: audit,
        AuditOutcome: AuditOutcome.objects.create(
            case=case, cycle=1, audit_id=audit.pk, kind="stage_2", last_day=today,
            report_reviewed=True,
        ),
        Finding: Finding.objects.create(
            audit=audit, number="NC-01", status="closed", grade="minor",
            clause=Clause.objects.filter(edition=edition).first(), title="Records",
            raised_by=auditor, shown_at=timezone.now(), due_on=today, due_from="shown",
            due_since=today,
        ),
    }  # fmt: skip


def _key(name: str) -> str:
    return f"md5('{name}' || n)::uuid"


def _some(of_thousand: int, seed: int) -> str:
    """Return the condition that holds for so many of a thousand, the same ones each time."""
    return f"((hashint8(n::bigint * 7919 + {seed}) & 2147483647) % 1000 < {of_thousand})"


def _kinds(today: date, base: dict):
    """Yield each model with what differs from the one row: a column and an SQL expression of n."""
    on = f"DATE '{today}'"
    # The last day of validity: the same number each day, from yesterday to the end of a cycle.
    end = f"({on} - 1 + (n % {DAYS})::int)"
    begin = f"({end} - INTERVAL '3 years' + INTERVAL '1 day')::date"
    is_suspended = _some(SUSPENDED, 1)
    late = _some(MISSED, 2)
    is_major = _some(MAJOR, 3)
    yield User, {"id": "1000 + n", "email": "n || '@bench.example'"}
    yield Organisation, {"id": _key("org"), "identifier": "n::text"}
    yield Membership, {
        "id": _key("member"), "organisation_id": _key("org"),
        "user_id": f"1001 + n % {PEOPLE}",
    }  # fmt: skip
    yield Case, {
        "id": _key("case"), "number": "'C-' || n", "thread": _key("thread"),
        "enterprise_id": _key("org"), "cycle_starts_on": begin,
    }  # fmt: skip
    yield Certificate, {
        "id": _key("certificate"), "number": "'N-' || n", "code": "'code' || n",
        "case_id": _key("case"), "enterprise_id": _key("org"), "holder_identifier": "n::text",
        "first_issued_on": begin, "effective_on": begin, "expires_on": end,
        "status": f"CASE WHEN {is_suspended} THEN 'suspended' ELSE 'valid' END",
        "suspended_until": f"CASE WHEN {is_suspended} THEN {on} - 1 + (n % 181)::int END",
    }  # fmt: skip
    for kind, years in (("surveillance_1", 1), ("surveillance_2", 2), ("recertification", 3)):
        limit = f"({begin} + INTERVAL '{years} years')::date"
        # Suspensions are what earlier nights made of audits that were missed.
        open_ = f"({late} AND {limit} = {on} - 1) OR ({is_suspended} AND {limit} < {on})"
        yield ProgrammeItem, {
            "id": _key(kind), "case_id": _key("case"), "kind": f"'{kind}'",
            "window_from": f"{limit} - 90", "window_to": limit,
            "done_on": f"CASE WHEN {open_} THEN NULL ELSE {limit} - 20 END",
        }  # fmt: skip
    yield Audit, {
        "id": _key("audit"), "number": "'A-' || n", "case_id": _key("case"),
        "enterprise_id": _key("org"), "starts_on": f"{begin} - 30", "ends_on": f"{begin} - 28",
    }  # fmt: skip
    yield AuditOutcome, {
        "id": _key("outcome"), "audit_id": _key("audit"), "case_id": _key("case"),
        "last_day": f"{begin} - 28",
    }  # fmt: skip
    yield Finding, {
        "id": _key("finding"), "audit_id": _key("audit"),
        "status": f"CASE WHEN {_some(WAITING, 4)} THEN 'open' ELSE 'closed' END",
        "grade": f"CASE WHEN {is_major} THEN 'major' ELSE 'minor' END",
        # A minor has its grace of 14 days; a major has none.
        "due_on": f"{on} - CASE WHEN {is_major} THEN 1 ELSE 15 END"
        f" + (n % 400)::int",
    }  # fmt: skip


def _copy(cursor, model, row, count, changed) -> None:
    """Insert ``count`` copies of a row with some columns computed."""
    count = PEOPLE if model is User else count
    names = [
        field.column
        for field in model._meta.concrete_fields
        if not getattr(field, "generated", False)
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changed.get(name, f't."{name}"') for name in names).replace("%", "%%")
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {values} "  # noqa: S608 -- nothing from outside
        f"FROM generate_series(1, {int(count)}) n, {table} t WHERE t.id = %s",
        [row.pk],
    )
