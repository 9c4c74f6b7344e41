"""Standards, clauses, rule sets, technical areas, audit-time tables and the calculator."""
