"""Nouns: what kiosks, programs and people ask for over HTTP. May use the verbs and the store."""
