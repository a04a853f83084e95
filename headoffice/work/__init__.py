"""Verbs: what head office does with what it is sent. Pages call it; it may use the store and the metrics."""
