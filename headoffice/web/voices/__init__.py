"""The page of the voices: what shoppers wrote, found by words and filters, and taken care of."""
