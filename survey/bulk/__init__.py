"""Surveys as tables, workbooks and files, for both rooms: what is pure of it."""
