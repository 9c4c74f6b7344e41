"""Cases: decided by people who took no part, asked about, stopped."""

from foundation.workflow import REASON
from portal.simulation.registry import maker, spoiler


@maker("case", "grant", "maintain", "renew", "extend")
def decide(world, case, actor):
    return {REASON: "Conforms and is effective."}


@maker("case", "refuse", weight=0.02)
def refuse(world, case, actor):
    return {REASON: "Does not conform."}


@maker("case", "decline_change", weight=0.05)
def decline_change(world, case, actor):
    return {REASON: "What was applied for is not shown to conform."}


@maker("case", "ask_more", "send_back", weight=0.06)
def ask_more(world, case, actor):
    return {REASON: "How was the second plant covered?"}


@maker("case", "answer")
def answer(world, case, actor):
    return {"note": "By a visit of half a day."}


@maker("case", "stop", weight=0.005)
def stop(world, case, actor):
    return {REASON: "The contract was ended."}


@spoiler("case", "grant", "maintain", "renew", "extend", "refuse", "decline_change", "stop")
def without_reason(world, case, actor, data):
    return {REASON: ""}
