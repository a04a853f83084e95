"""One file a step, named for what it does; each names the one before it."""
