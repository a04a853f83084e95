"""The survey: its document, its branching, its answers. Pure standard library, known by every other room."""
