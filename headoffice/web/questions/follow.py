"""Say after which answer a question is asked: the follow-ups of each face, and of each range of a scale.

Called by questions/page.py. Pure functions of values: touches nothing.
"""

from headoffice.metrics import FACES
from headoffice.web.frame.catalogue import Catalogue, Question
from headoffice.web.words import Words


def asked_after(words: Words, catalogue: Catalogue, question: Question) -> tuple[str, str]:
    """After which answers a question is asked, in words, and the one face that leads to it, if any."""
    ways = catalogue.after.get(question, ())
    named = [
        words(f"faces.{answer}") if answer in FACES else catalogue.option(*before, answer)
        for before, answer in ways
    ]
    faces = [answer for _, answer in ways if answer in FACES]
    said = words("questions.after", answers=words.beside(named)) if named else ""
    return said, faces[0] if len(faces) == 1 and len(ways) == 1 else ""
