"""Today's faces: how many of each, and the bar they make.

Called by page.py. Pure functions of values: touches nothing.
"""

from dataclasses import dataclass

from headoffice.metrics import FACES, Counts
from headoffice.suppression import FEWEST_ANSWERS
from headoffice.web.words import Words


@dataclass(frozen=True, kw_only=True)
class Face:
    """One of today's faces; x and width of its part of the bar in per cent."""

    name: str
    title: str
    count: str
    share: str
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class FacesCard:
    """Today's faces; `counts` is None where they are hidden, `few` where a share would say nothing."""

    counts: Counts | None
    n: int
    few: bool
    faces: tuple[Face, ...]
    alt: str


def faces_card(words: Words, counts: Counts | None) -> FacesCard:
    """The card of today's faces."""
    shown = counts or (0, 0, 0)
    n = sum(shown)
    named = dict(zip(FACES, shown, strict=True))
    return FacesCard(
        counts=counts,
        n=n,
        few=n < FEWEST_ANSWERS,
        faces=tuple(_face(words, shown, place) for place in range(len(FACES))),
        alt=words("faces.alt", n=n, **named) if n else words("faces.none"),
    )


def _face(words: Words, counts: Counts, place: int) -> Face:
    n, count = sum(counts), counts[place]
    return Face(
        name=FACES[place],
        title=words(f"faces.{FACES[place]}"),
        count=words.number(count),
        share=words.percent(count / n, digits=0) if n >= FEWEST_ANSWERS else words("table.few"),
        x=round(sum(counts[:place]) / n * 100, 3) if n else 0.0,
        width=round(count / n * 100, 3) if n else 0.0,
    )
