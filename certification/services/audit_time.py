"""The audit time of an application: from what was applied for to a kept calculation.

``inputs`` are plain JSON: what a reviewer chose, decimals as text. They are kept with the result,
so that anyone can compute it again.
"""

from dataclasses import replace
from decimal import Decimal

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from certification.enums import ApplicationKind
from certification.models import Application, AuditTimeCalculation
from foundation.canonical import digest
from foundation.models.base import in_language
from schemes.audit_time import (
    AuditTimeKind,
    AuditTimeResult,
    Factor,
    Integration,
    Line,
    ManualDays,
    PartTime,
    Personnel,
    Repetitive,
    Sample,
    SchemeInput,
    SiteInput,
)
from schemes.queries import rule_book_for
from schemes.services import audit_time

FULL_TIME_HOURS = Decimal(40)  # as organisations.Site.part_time_hours is asked: hours a week
_ZERO = Decimal(0)
_HUNDRED = Decimal(100)
_TAKES_OFF = ("personnel", "factor:", "central_share", "site_reduction", "integration")
_KINDS = {
    ApplicationKind.RECERTIFICATION: AuditTimeKind.RECERTIFICATION,
    ApplicationKind.TRANSFER: AuditTimeKind.SURVEILLANCE,
}
KINDS = (AuditTimeKind.INITIAL, AuditTimeKind.SURVEILLANCE, AuditTimeKind.RECERTIFICATION)


def starting_inputs(application: Application) -> dict:
    """Return the inputs a reviewer begins with: the figures submitted last, nothing reduced."""
    version = application.versions.order_by("version").last()
    return {
        "version": version.version,
        "on": timezone.localdate().isoformat(),
        "kind": str(_KINDS.get(application.kind, AuditTimeKind.INITIAL)),
        "schemes": [
            {"code": row.scheme.code, "category": row.category, "factors": [], "manual": {}}
            for row in application.schemes.select_related("scheme")
        ],
        "sites": [_site(site) for site in version.snapshot["sites"]],
        # Fixed by what was submitted, so that nobody can choose the sample.
        **_whole(f"{application.number}:{version.sha256}"),
    }


def imagined_inputs(schemes, *, sites: int, people: int) -> dict:
    """Return the inputs of a question “what if”: so many sites with so many people each.

    Where the table asks for a category, the one below the highest is assumed.
    """
    return {
        "version": 0,
        "on": timezone.localdate().isoformat(),
        "kind": str(AuditTimeKind.INITIAL),
        "schemes": [
            {"code": row.code, "category": _usual(row.categories), "factors": [], "manual": {}}
            for row in schemes
        ],
        "sites": [_imagined_site(number, people) for number in range(1, sites + 1)],
        **_whole("what-if"),
    }


def _whole(seed: str) -> dict:
    return {
        "sampling": {"used": False, "reason": "", "seed": seed},
        "central_share_percent": "0",
        "central_share_reason": "",
        "integration": {"percent": "0", "reason": ""},
    }


def _usual(categories: list[dict]) -> str:
    return categories[:2][-1]["key"] if categories else ""


def _imagined_site(number: int, people: int) -> dict:
    name = _("Site %(number)s") % {"number": number}
    return _site(
        {
            "id": f"site-{number}",
            "name_zh": name,
            "name_en": name,
            "is_central": number == 1,
            "day_shift": people,
            "second_shift": 0,
            "night_shift": 0,
            "part_time": 0,
            "part_time_hours": "0",
            "repetitive": 0,
        }
    )


def _site(site: dict) -> dict:
    return {
        "key": site["id"],
        "name_zh": site["name_zh"],
        "name_en": site["name_en"],
        "central": site["is_central"],
        "shifts": [site["day_shift"], site["second_shift"], site["night_shift"]],
        "part_time": site["part_time"],
        "part_time_hours": site["part_time_hours"],
        "repetitive": site["repetitive"],
        "repetitive_as": site["repetitive"],
        "repetitive_reason": "",
        "reduction_percent": "0",
        "reduction_reason": "",
        "persons_of": {},
    }


_DECIDED = ("repetitive_reason", "reduction_percent", "reduction_reason", "persons_of")


def carried_over(before: dict, start: dict) -> dict:
    """Return the starting inputs with what was decided before on sites and schemes still there."""
    sites = {site["key"]: site for site in before["sites"]}
    schemes = {scheme["code"]: scheme for scheme in before["schemes"]}
    return {
        **start,
        "kind": before["kind"],
        "sites": [_with_decisions(site, sites.get(site["key"])) for site in start["sites"]],
        "schemes": [schemes.get(scheme["code"], scheme) for scheme in start["schemes"]],
        "sampling": {**before["sampling"], "seed": start["sampling"]["seed"]},
        "central_share_percent": before["central_share_percent"],
        "central_share_reason": before["central_share_reason"],
        "integration": before["integration"],
    }


def _with_decisions(site: dict, before: dict | None) -> dict:
    if before is None:
        return site
    kept = {name: before[name] for name in _DECIDED}
    if before["repetitive"] == site["repetitive"]:
        kept["repetitive_as"] = before["repetitive_as"]
    return {**site, **kept}


def sample_of(inputs: dict, country: str) -> Sample | None:
    """Return the sites drawn besides the central function, or None when all are audited.

    The largest sites stand first in the ranking that fills the part not drawn by lot.
    """
    if not inputs["sampling"]["used"]:
        return None
    others = [site for site in inputs["sites"] if not site["central"]]
    others.sort(key=lambda site: -(sum(site["shifts"]) + site["part_time"]))
    return audit_time.draw_sites(
        keys=[site["key"] for site in others],
        kind=inputs["kind"],
        on=parse_date(inputs["on"]),
        country=country,
        seed=inputs["sampling"]["seed"],
    )


def compute(inputs: dict, country: str) -> AuditTimeResult:
    """Return the audit time for these inputs, by the rules and tables of their day.

    Raises LookupError for a factor that is not in force, ValueError for impossible figures.
    """
    sample = sample_of(inputs, country)
    sites = [
        site
        for site in inputs["sites"]
        if sample is None or site["central"] or site["key"] in sample.keys
    ]
    integration = inputs["integration"]
    percent = Decimal(integration["percent"])
    result = audit_time.calculate(
        schemes=[_scheme_input(scheme) for scheme in inputs["schemes"]],
        sites=[_site_input(site) for site in sites],
        kind=inputs["kind"],
        on=parse_date(inputs["on"]),
        country=country,
        central_share_percent=Decimal(inputs["central_share_percent"]),
        central_share_reason=inputs["central_share_reason"],
        integration=Integration(percent, integration["reason"]) if percent else None,
    )
    return replace(result, lines=tuple(_explained(line, sites) for line in result.lines))


def _explained(line: Line, sites: list[dict]) -> Line:
    """Say on the line of the personnel why a scheme has a headcount of its own at a site."""
    if line.key != "personnel":
        return line
    site = next(site for site in sites if site_name(site) == line.site)
    own = site["persons_of"].get(line.scheme)
    if not own:
        return line
    return replace(
        line,
        note_en=f"{line.note_en}; within this scheme: {own['reason']}",
        note_zh=f"{line.note_zh}；本体系覆盖人数：{own['reason']}",
    )


def _scheme_input(scheme: dict) -> SchemeInput:
    return SchemeInput(
        code=scheme["code"],
        category=scheme["category"],
        factors=tuple(
            Factor(row["key"], Decimal(row["percent"]), row["reason"]) for row in scheme["factors"]
        ),
        manual={
            key: ManualDays(Decimal(row["days"]), row["reason"])
            for key, row in scheme["manual"].items()
        },
    )


def _site_input(site: dict) -> SiteInput:
    return SiteInput(
        key=site["key"],
        name=site_name(site),
        personnel=_personnel(site),
        central=site["central"],
        reduction_percent=Decimal(site["reduction_percent"]),
        reduction_reason=site["reduction_reason"],
        personnel_of={
            code: Personnel(shifts=(own["count"],)) for code, own in site["persons_of"].items()
        },
    )


def site_name(site: dict) -> str:
    """Return the name of a site as lines carry it: in both languages, whoever reads them."""
    return " / ".join(dict.fromkeys(filter(None, (site["name_zh"], site["name_en"]))))


def local_name(site: dict) -> str:
    """Return the name of a site in the reader's language."""
    return in_language(site["name_zh"], site["name_en"])


def sample_facts(inputs: dict, country: str) -> dict | None:
    """Return what both sides read of a sample: the sites drawn, why, and the seed of the draw."""
    sample = sample_of(inputs, country)
    if sample is None:
        return None
    drawn = [site for site in inputs["sites"] if site["key"] in sample.keys]
    return {
        "sites": [{"zh": site["name_zh"], "en": site["name_en"]} for site in drawn],
        "reason": inputs["sampling"]["reason"],
        "seed": sample.seed,
    }


def _personnel(site: dict) -> Personnel:
    part_time: tuple[PartTime, ...] = ()
    share = min(Decimal(site["part_time_hours"]) / FULL_TIME_HOURS, Decimal(1))
    if site["part_time"] and share:
        part_time = (PartTime(site["part_time"], share),)
    repetitive: tuple[Repetitive, ...] = ()
    if site["repetitive"] > site["repetitive_as"]:
        repetitive = (
            Repetitive(site["repetitive"], site["repetitive_as"], site["repetitive_reason"]),
        )
    return Personnel(tuple(site["shifts"]), part_time, repetitive)


def without_reductions(inputs: dict) -> dict:
    """Return the same inputs as the tables take them: no factor, everybody counted, no share."""
    return {
        **inputs,
        "schemes": [{**scheme, "factors": []} for scheme in inputs["schemes"]],
        "sites": [
            {
                **site,
                "repetitive_as": site["repetitive"],
                "reduction_percent": "0",
                "persons_of": {},
            }
            for site in inputs["sites"]
        ],
        "central_share_percent": "0",
        "integration": {"percent": "0", "reason": ""},
    }


def _needs_approval(total: Decimal | None, table: Decimal | None, rules) -> bool:
    """Tell whether the days lie so far below those of the tables that a second person looks."""
    if total is None:
        return False
    if table is None:  # the tables answer for the reduced figures alone
        return True
    return is_less(total, table, rules)


def is_less(days: Decimal, computed: Decimal, rules) -> bool:
    """Tell whether days lie further below the computed ones than one person may decide."""
    allowed = rules.number("time_approval_percent")
    return days < computed * (_HUNDRED - allowed) / _HUNDRED


def reductions(result: dict) -> list[dict]:
    """Return the lines of a kept result by which somebody took time off."""
    return [
        line
        for line in result["lines"]
        if line["key"].startswith(_TAKES_OFF) and Decimal(line["after"]) < Decimal(line["before"])
    ]


def keep(*, application: Application, inputs: dict, actor) -> AuditTimeCalculation:
    """Keep a usable calculation for the offer, and the categories chosen with it.

    Part of the transition that sets the audit time; its guard has refused problems.
    """
    country = str(application.enterprise.country)
    result = compute(inputs, country)
    table = compute(without_reductions(inputs), country).total
    rules = rule_book_for(country, parse_date(inputs["on"]))
    data = result.as_data()
    calculation = AuditTimeCalculation.objects.create(
        application=application,
        computed_by=actor.user,
        inputs=inputs,
        result=data,
        total_days=result.total,
        on_site_days=result.onsite_minimum,
        stage_1_days=result.stage_1 or _ZERO,
        stage_2_days=result.stage_2 or _ZERO,
        sha256=digest({"inputs": inputs, "result": data}),
        table_days=table,
        needs_approval=_needs_approval(result.total, table, rules),
    )
    for scheme in inputs["schemes"]:
        application.schemes.filter(scheme__code=scheme["code"]).update(category=scheme["category"])
    return calculation
