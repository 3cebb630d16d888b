"""Logs, readable lines, the report and the live view."""
