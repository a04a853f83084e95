"""What comes ready-made: surveys, single questions, and journeys that say which survey fits which place.

Called by kiosk.backroom and by head office's drafts. Reads assets/surveys and assets/library, nothing else.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey.parse import loads_toml

Document = dict[str, Any]
Texts = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A place on a shopper's way, and the survey that fits it."""

    place: Texts
    survey: str


@dataclass(frozen=True, kw_only=True)
class Journey:
    """A shopper's way through a kind of store."""

    id: str
    title: Texts
    stops: tuple[Stop, ...]


@dataclass(frozen=True, kw_only=True)
class Library:
    """All of it; surveys by the name of their file."""

    surveys: Mapping[str, Document]
    questions: tuple[Document, ...]
    journeys: tuple[Journey, ...]


def read_library(assets: Path) -> Library:
    """Read it. Raises OSError; what stands in it is tested to be sound."""
    files = sorted((assets / "surveys").glob("*.toml"))
    surveys = {file.stem: loads_toml(file.read_text("utf-8")).surveys[0].document() for file in files}
    shelf = assets / "library"
    questions = tomllib.loads((shelf / "questions.toml").read_text("utf-8"))["question"]
    journeys = tomllib.loads((shelf / "journeys.toml").read_text("utf-8"))["journey"]
    return Library(
        surveys=surveys,
        questions=tuple(questions),
        journeys=tuple(
            Journey(
                id=each["id"],
                title=each["title"],
                stops=tuple(Stop(place=stop["place"], survey=stop["survey"]) for stop in each["stops"]),
            )
            for each in journeys
        ),
    )
