from schemes.queries.approvals import (
    approvals_in_force,
    areas_not_approved,
    bodies_approved_for,
    body_approved_for,
    lapsed_approval,
)
from schemes.queries.checklists import questions_for
from schemes.queries.competence import (
    Gap,
    body_gaps,
    competences_in_force,
    people_competent,
    person_gaps,
    team_gaps,
)
from schemes.queries.rules import book_of, remembered, rule_book_for, rule_set_for
from schemes.queries.tables import bands_in_force, factors_in_force

__all__ = [
    "Gap",
    "approvals_in_force",
    "areas_not_approved",
    "bands_in_force",
    "bodies_approved_for",
    "body_approved_for",
    "body_gaps",
    "book_of",
    "competences_in_force",
    "factors_in_force",
    "lapsed_approval",
    "people_competent",
    "person_gaps",
    "questions_for",
    "remembered",
    "rule_book_for",
    "rule_set_for",
    "team_gaps",
]
