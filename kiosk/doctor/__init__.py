"""Looks at everything a kiosk needs, and says in words what is wrong and how to mend it."""
