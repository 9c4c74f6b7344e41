"""Programme, planning, teams, findings, corrective actions, audit reports."""
