"""The page of the journey: touchpoints in the order of a way through the shop, and where the score drops."""
