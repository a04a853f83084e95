"""The overview page, a module for each card: what it says in words, and where its drawing stands."""
