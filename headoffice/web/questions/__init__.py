"""The page of the questions: how answers are spread, where shoppers leave, how long they take."""
