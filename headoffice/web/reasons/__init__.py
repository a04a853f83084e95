"""The page of the reasons: why shoppers were not satisfied, what each reason costs, and how it moves."""
