"""Surveys under edit on head office's pages: drafts, begun from the library, a version, or blank."""
