"""The printed plan and report of an audit, from frozen facts to PDF."""
