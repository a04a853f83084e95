"""The page of the sites: who is ahead, what really differs, when in the week, and down to a single hour."""
