"""The page of the surveys: what each asks in every language, where answers lead, and who changed what."""
