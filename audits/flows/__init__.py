from audits.flows.audits import AUDIT_FLOW
from audits.flows.findings import FINDING_FLOW

__all__ = ["AUDIT_FLOW", "FINDING_FLOW"]
