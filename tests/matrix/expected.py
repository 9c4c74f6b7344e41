"""Who may do what from where: reviewed like a contract.

Flow, action, the states it exists in, and the people of the cast who may take it then, on the
objects of tests/matrix/objects.py. A right that asks for more than role and assignment (a pending
question, a due renewal) is empty here and tested beside its flow.
"""

OWNER = ("owner",)
CLIENT = ("member", "owner")
DESK = ("manager", "reviewer")
TEAM = ("auditor", "auditor2")
SYSTEM = ("system",)
NOBODY = ()
WITH_CLIENT = ("open", "plan_rejected", "plan_accepted", "evidence_rejected")

_COMPLAINT_OPEN = ("received", "acknowledged", "investigating", "reported", "decided")

EXPECTED = {
    "application": {
        "submit": (("draft", "returned"), OWNER),
        "cancel": (
            ("draft", "submitted", "in_review", "returned", "accepted", "offered"),
            OWNER,
        ),
        "start_review": (("submitted",), ("reviewer",)),
        "set_time": (("in_review",), ("reviewer",)),
        "approve_time": (("in_review",), ("manager",)),  # the reviewer computed this one
        "return_time": (("in_review",), ("manager",)),
        "accept": (("in_review",), ("reviewer",)),
        "return": (("in_review",), ("reviewer",)),
        "decline": (("in_review",), ("reviewer",)),
        "take_over": (("submitted", "in_review"), NOBODY),
        "offer": (("accepted", "offered"), ("manager",)),
        "sign": (("offered",), OWNER),
        "reject": (("offered",), OWNER),
    },
    "approval_change": {
        "order": (("prepared",), ("operator",)),
        "drop": (("prepared",), ("operator",)),
    },
    "audit": {
        "declare": (("planned", "objected"), TEAM),
        "propose": (("planned", "objected"), ("planner",)),
        "announce": (("planned",), NOBODY),  # this one is agreed with the enterprise
        "ask_fewer_days": (("planned", "objected"), ("planner",)),
        "approve_fewer_days": (("planned", "objected"), DESK),
        "return_fewer_days": (("planned", "objected"), DESK),
        "answer_objection": (("objected",), ("planner",)),
        "confirm": (("proposed",), OWNER),
        "object": (("proposed",), OWNER),
        "replan": (("proposed", "confirmed"), ("planner",)),
        "open": (("confirmed",), ("auditor",)),
        "close_meeting": (("in_progress",), ("auditor",)),
        "explain_check_in": (
            ("in_progress", "reporting", "reported", "completed"),
            NOBODY,  # nothing of this one is unexplained
        ),
        "submit_report": (("reporting",), ("auditor",)),
        "accept_report": (("reported",), ("reviewer",)),
        "return_report": (("reported",), ("reviewer",)),
        "cancel": (("planned", "proposed", "objected", "confirmed"), ("planner",)),
        "abort": (("in_progress",), ("auditor",)),
    },
    "body": {
        "approve": (("registered", "refused"), ("operator",)),
        "refuse": (("registered",), ("operator",)),
        "suspend": (("approved",), ("operator",)),
        "reinstate": (("suspended",), ("operator",)),
    },
    "case": {
        "report": (("auditing", "certified"), SYSTEM),
        "grant": (("deciding",), ("certifier",)),
        "refuse": (("deciding",), ("certifier",)),
        "ask_more": (("deciding",), ("certifier",)),
        "maintain": (("deciding",), NOBODY),
        "renew": (("deciding",), NOBODY),
        "extend": (("deciding",), NOBODY),
        "reconsider": (("refused",), ("certifier",)),
        "decline_change": (("deciding",), NOBODY),
        "send_back": (("deciding",), NOBODY),
        "answer": (("auditing", "certified"), NOBODY),
        "stop": (("auditing",), ("manager",)),
        "end": (("deciding", "certified"), SYSTEM),
        "plan_special": (("certified", "deciding"), ("manager", "planner")),
        "plan_short_notice": (("certified", "deciding"), ("manager", "planner")),
        "drop_special": (("certified", "deciding"), NOBODY),  # none is to come
        "drop_short_notice": (("certified", "deciding"), NOBODY),
    },
    "certificate": {
        "issue": (("issuing",), SYSTEM),
        "suspend": (("valid",), ("certifier",)),
        "suspend_by_rule": (("valid",), SYSTEM),
        "reinstate": (("suspended",), ("certifier",)),
        "plan_reinstatement": (("suspended",), ("manager", "planner")),
        "withdraw": (("valid", "suspended"), ("certifier",)),
        "request_cancellation": (("valid", "suspended"), NOBODY),  # one is open already
        "retract_cancellation": (("valid", "suspended"), OWNER),
        "cancel": (("valid", "suspended"), ("certifier",)),
        "reduce": (("valid", "suspended"), ("certifier",)),
        "correct": (("valid", "suspended"), ("certifier",)),
        "expire": (("valid", "suspended"), SYSTEM),
        "restore": (("expired",), SYSTEM),
    },
    "change": {
        "no_consequence": (("reported",), DESK),
        "ask": (("reported",), DESK),
        "hand_over": (("reported",), DESK),
        "plan_audit": (("reported",), DESK),
        "need_application": (("reported",), DESK),
        "answer": (("asked",), CLIENT),
        "withdraw": (("reported", "asked"), CLIENT),
        "carry_over": (("revision",), NOBODY),  # this one is no merger
        "decline": (("revision",), ("certifier",)),
        "begin_application": (("application",), OWNER),
        "drop_application": (("application",), SYSTEM),
        "revised": (("revision",), SYSTEM),
        "audited": (("audit",), SYSTEM),
        "drop_audit": (("audit",), SYSTEM),
        "applied": (("application",), SYSTEM),
        "lapse": (("reported", "asked", "revision", "audit", "application"), SYSTEM),
    },
    "complaint": {
        "acknowledge": (("received",), ("manager",)),
        "admit": (("acknowledged",), ("manager",)),
        "dismiss": (("acknowledged",), ("manager",)),
        "name_handler": (("investigating",), ("manager",)),
        "name_decider": (("investigating", "reported"), ("manager",)),
        "ask": (("investigating",), ("planner",)),
        "progress": (("investigating", "reported"), ("planner",)),
        "pass_on": (("investigating",), ("planner",)),
        "answer_as_client": (("investigating", "reported"), CLIENT),
        "report": (("investigating",), ("planner",)),
        "send_back": (("reported",), ("manager",)),
        "decide": (("reported",), ("manager",)),
        "settle": (("decided",), NOBODY),  # of upheld appeals alone
        "close": (("decided",), ("manager", "planner")),
        "add": (_COMPLAINT_OPEN, NOBODY),  # whoever has the private link
        "answer": (("investigating",), NOBODY),
        "withdraw": (_COMPLAINT_OPEN[:-1], NOBODY),
        "escalate": ((*_COMPLAINT_OPEN, "closed", "not_admitted"), NOBODY),
        "note": ((*_COMPLAINT_OPEN, "closed", "not_admitted"), ("supervisor",)),
        "forget": ((*_COMPLAINT_OPEN, "closed", "not_admitted", "withdrawn"), NOBODY),
    },
    "competence": {
        "approve": (("proposed",), ("manager", "reviewer")),
        "return": (("proposed",), ("manager", "reviewer")),
        "propose": (("returned",), ("auditor",)),
        "take_back": (("proposed", "returned"), ("auditor",)),
        "suspend": (("approved",), ("manager",)),
        "reinstate": (("suspended",), ("manager",)),
        "withdraw": (("approved", "suspended"), ("manager",)),
    },
    "evaluation": {
        "give": (("asked",), CLIENT),
        "revise": (("given", "replied"), CLIENT),
        "reply": (("given",), ("manager",)),
    },
    "finding": {
        "show": (("noted",), SYSTEM),
        "conclude": (("noted",), SYSTEM),
        "answer": (("open", "plan_rejected"), CLIENT),
        "accept_plan": (("answered",), TEAM),
        "reject_plan": (("answered",), TEAM),
        "submit_evidence": (("plan_accepted", "evidence_rejected"), CLIENT),
        "reject_evidence": (("evidence",), TEAM),
        "name_judge": (
            ("open", "plan_rejected", "plan_accepted", "evidence_rejected", "answered", "evidence"),
            ("planner",),
        ),
        "ask_extension": (WITH_CLIENT, CLIENT),
        "grant_extension": (WITH_CLIENT, (*TEAM, "planner")),
        "refuse_extension": (WITH_CLIENT, (*TEAM, "planner")),
        "escalate": (("open", "plan_rejected", "plan_accepted", "evidence_rejected"), SYSTEM),
        "annul": (
            ("open", "plan_rejected", "plan_accepted", "evidence_rejected", "answered", "evidence"),
            SYSTEM,
        ),
        "lower": (
            ("open", "plan_rejected", "plan_accepted", "evidence_rejected", "answered", "evidence"),
            SYSTEM,
        ),
        "verify": (("plan_accepted", "evidence"), TEAM),
    },
    "merger": {
        "confirm": (("proposed",), OWNER),
        "refuse": (("proposed",), OWNER),
        "withdraw": (("proposed",), NOBODY),  # by who reported it, here a third
        "call_off": (("agreed",), OWNER),
        "lapse": (("proposed",), SYSTEM),
        "complete": (("agreed",), SYSTEM),
    },
    "proposal": {
        "dismiss": (("open",), ("certifier",)),
        "follow": (("open",), SYSTEM),
        "lapse": (("open",), SYSTEM),
    },
    "revision": {
        "issue": (("issuing",), SYSTEM),
        "supersede": (("issued",), SYSTEM),
    },
}

# Every state of every flow. A new one has to be written here, with its actions above.
# What an action asks for besides the click; without it nothing happens.
FACTS = {
    "application": {
        "accept": {"justification"},
        "decline": {"reason"},
        "set_time": {"inputs"},
        "approve_time": {"reason"},
        "return_time": {"reason"},
        "take_over": {"reason"},
        "offer": {"currency", "lines", "valid_until"},
        "sign": {"name", "sha256"},
        "reject": {"reason"},
    },
    "audit": {
        "answer_objection": {"answer"},
        "approve_fewer_days": {"reason"},
        "return_fewer_days": {"reason"},
        "object": {"reason"},
        "explain_check_in": {"explanation"},
        "return_report": {"reason"},
        "replan": {"reason"},
        "cancel": {"reason"},
        "abort": {"reason"},
    },
    "body": {"refuse": {"reason"}, "suspend": {"reason"}},
    "case": {
        "answer": {"note"},
        "grant": {"reason"},
        "maintain": {"reason"},
        "renew": {"reason"},
        "extend": {"reason"},
        "ask_more": {"reason"},
        "send_back": {"reason"},
        "refuse": {"reason"},
        "decline_change": {"reason"},
        "stop": {"reason"},
        "plan_special": {"purpose", "days", "window_from", "window_to", "reason"},
        "plan_short_notice": {"purpose", "days", "window_from", "window_to", "reason"},
        "drop_special": {"item", "reason"},
        "drop_short_notice": {"item", "reason"},
    },
    "certificate": {
        "request_cancellation": {"reason"},
        "suspend": {"cause", "reason", "until"},
        "reinstate": {"reason"},
        "plan_reinstatement": {"days", "window_from", "window_to", "reason"},
        "reduce": {"reason"},
        "correct": {"reason"},
        "withdraw": {"cause", "reason"},
        "cancel": {"reason"},
    },
    "change": {
        "no_consequence": {"reason"},
        "ask": {"reason"},
        "hand_over": {"reason", "certificates"},
        "plan_audit": {"days", "window_from", "window_to", "reason"},
        "need_application": {"application_kind", "reason"},
        "answer": {"answer"},
        "withdraw": {"reason"},
        "decline": {"reason"},
        "carry_over": {"reason"},
    },
    "complaint": {
        "admit": {"handler"},
        "name_handler": {"handler"},
        "name_decider": {"decider"},
        "decide": {"conclusion", "text"},
        **{
            action: {"text"}
            for action in (
                "dismiss",
                "ask",
                "progress",
                "pass_on",
                "answer_as_client",
                "report",
                "send_back",
                "settle",
                "close",
                "add",
                "answer",
                "note",
            )
        },
    },
    "competence": {
        "return": {"reason"},
        "suspend": {"reason"},
        "reinstate": {"reason"},
        "withdraw": {"reason"},
    },
    "evaluation": {"reply": {"reply"}},
    "finding": {
        "reject_plan": {"reason"},
        "reject_evidence": {"reason"},
        "name_judge": {"judge"},
        "ask_extension": {"proposed_on", "reason"},
        "grant_extension": {"granted_on"},
        "refuse_extension": {"reason"},
    },
    "merger": {
        "refuse": {"reason"},
        "withdraw": {"reason"},
        "call_off": {"reason"},
    },
    "proposal": {"dismiss": {"not_before", "reason"}},
}

STATES = {
    "application": (
        "draft", "submitted", "in_review", "returned", "accepted", "declined", "offered",
        "signed", "rejected", "cancelled",
    ),
    "approval_change": ("prepared", "ordered", "dropped"),
    "audit": (
        "planned", "proposed", "objected", "confirmed", "in_progress", "reporting", "reported",
        "completed", "cancelled", "aborted",
    ),
    "body": ("registered", "approved", "refused", "suspended"),
    "case": ("auditing", "deciding", "certified", "refused", "ended"),
    "certificate": ("issuing", "valid", "suspended", "withdrawn", "cancelled", "expired"),
    "change": (
        "reported", "asked", "revision", "audit", "application", "unchanged", "done",
        "withdrawn", "lapsed",
    ),
    "complaint": (
        "received", "acknowledged", "investigating", "reported", "decided", "closed",
        "not_admitted", "withdrawn",
    ),
    "competence": ("proposed", "returned", "approved", "suspended", "withdrawn"),
    "evaluation": ("asked", "given", "replied"),
    "finding": (
        "noted", "open", "answered", "plan_rejected", "plan_accepted", "evidence",
        "evidence_rejected", "closed",
    ),
    "merger": ("proposed", "agreed", "done", "refused", "withdrawn", "lapsed"),
    "proposal": ("open", "followed", "dismissed", "lapsed"),
    "revision": ("issuing", "issued", "superseded"),
}  # fmt: skip
