"""Audit time and site sampling as pure functions over plain data, explained line by line."""

from schemes.audit_time.calculation import calculate
from schemes.audit_time.inputs import (
    AuditTimeKind,
    AuditTimeRequest,
    Band,
    Factor,
    Integration,
    ManualDays,
    PartTime,
    Personnel,
    Repetitive,
    SchemeInput,
    SiteInput,
)
from schemes.audit_time.result import AuditTimeResult, Line, Problem
from schemes.audit_time.sampling import Sample, sample_sites, sample_size

__all__ = [
    "AuditTimeKind",
    "AuditTimeRequest",
    "AuditTimeResult",
    "Band",
    "Factor",
    "Integration",
    "Line",
    "ManualDays",
    "PartTime",
    "Personnel",
    "Problem",
    "Repetitive",
    "Sample",
    "SchemeInput",
    "SiteInput",
    "calculate",
    "sample_sites",
    "sample_size",
]
