"""Faults planted in guards and elsewhere, one by one, that a simulation has to find."""

from audits.enums import Grade
from certification.enums import CertificateStatus
from certification.flows import guards
from certification.flows.applications import APPLICATION_FLOW
from certification.flows.cases import CASE_FLOW
from certification.flows.certificates import CERTIFICATE_FLOW
from certification.flows.offers import document_is_the_one_shown
from certification.rights import CERTIFIER, DECIDER
from certification.services import issuing
from organisations.enums import Role
from organisations.models import Membership
from portal.simulation import acting
from portal.simulation import world as worlds
from portal.simulation.makers import audits
from verification import queries


def certificates_alone(monkeypatch) -> None:
    """Let whoever does something unasked do it with a certificate."""
    monkeypatch.setattr(worlds, "_WHIMS", {"certificate": 1})


def without(monkeypatch, flow, guard) -> None:
    """Take a guard off every action of a workflow."""
    for row in flow.transitions:
        left = tuple(other for other in row.guards if other is not guard)
        if left != row.guards:
            monkeypatch.setitem(row.__dict__, "guards", left)


def dependent_deciders(world, monkeypatch):
    """Whoever took part may decide, and nobody else is left who could."""
    certificates_alone(monkeypatch)
    monkeypatch.setattr(DECIDER, "_test", CERTIFIER._test)
    desk = world.desks[0]
    others = Membership.objects.filter(organisation=desk.organisation, role=Role.CERTIFIER)
    others.exclude(user__in=[desk.reviewer, desk.auditors[1]]).delete()


def open_majors(world, monkeypatch):
    """Open majors do not stand in the way, and every audit finds one."""
    without(monkeypatch, CASE_FLOW, guards.majors_are_closed)
    monkeypatch.setattr(audits, "_found", lambda world, audit: [Grade.MAJOR])


def endless_suspensions(world, monkeypatch):
    """A suspension may last for years."""
    certificates_alone(monkeypatch)
    row = CERTIFICATE_FLOW.transition("suspend")
    without(monkeypatch, CERTIFICATE_FLOW, row.guards[0])


def gaps_in_numbers(world, monkeypatch):
    """Every second number is lost."""
    taken = issuing.next_number
    monkeypatch.setattr(issuing, "next_number", lambda **facts: (taken(**facts), taken(**facts))[1])


def glossed_status(world, monkeypatch):
    """The public is told that everything is valid."""
    certificates_alone(monkeypatch)
    monkeypatch.setattr(queries, "status_on", lambda certificate, day: CertificateStatus.VALID)


def another_document(world, monkeypatch):
    """Something else is signed than what was read."""
    without(monkeypatch, APPLICATION_FLOW, document_is_the_one_shown)


# What is planted, and the invariants that may be the first to say so.
PLANTED = {
    dependent_deciders: ("every refusal is in words", "whoever decides is a certifier"),
    open_majors: ("no decision in favour passes over an open major",),
    endless_suspensions: ("what is not permitted is refused", "no suspension is set for longer"),
    gaps_in_numbers: ("numbers have neither gaps nor duplicates",),
    glossed_status: ("the public is told the state",),
    another_document: ("what is not permitted is refused",),
}


def eager(monkeypatch) -> None:
    """Let people make every mistake they know, each time."""
    monkeypatch.setattr(acting, "_MISTAKES", 1.0)
