"""Workflow engine, access rules, journal, files, jobs, notices; no business noun."""
