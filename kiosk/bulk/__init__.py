"""Surveys in and out of files that people prepare elsewhere: TOML, JSON, workbooks, XLSForm."""
