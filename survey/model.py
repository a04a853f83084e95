"""A survey as values: what was written, absent keys as None, defaults applied on use.

Built by parse.py; read by the kiosk, the sync agent and head office.
Pure values: touches nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise

from survey.canonical import version_of
from survey.values import frozen_named

Texts = Mapping[str, str]  # language tag → text
Document = dict[str, object]  # as JSON has it

KINDS = ("in_the_moment", "transactional", "relationship")
STAFF = "staff"  # the kind of the kiosk's own question to its staff, which counts as no shopper's visit
TYPES = ("faces", "scale", "stars", "choice", "text", "notice")
METRICS = ("csat", "nps", "ces", "reasons", "expectation")
STAFF_METRICS = ("prediction",)  # of ten shoppers, how many are happy
KEYBOARDS = ("kana", "latin", "numeric")
FACES = ("sad", "neutral", "happy")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END = "end"  # the target that ends a visit
SKIP = "skip"  # the key of a `next` table that unanswered questions follow

DEFAULT_STARS = 5
DEFAULT_TEXT_CHARACTERS = 200
# The values of a scale that does not say min and max.
SCALE_OF_METRIC = {"nps": (0, 10), "ces": (1, 7), "csat": (1, 5), "prediction": (0, 10)}
MIDNIGHT = time()


@frozen_named
class Option:
    """One thing that can be chosen."""

    id: str
    text: Texts
    icon: str | None = None

    def document(self) -> Document:
        """Write the option as it stands in a survey document."""
        return _written(id=self.id, text=dict(self.text), icon=self.icon)


@frozen_named
class When:
    """The days and hours, in the site's local time, at which a survey is shown; None means always.

    `weekdays` counts Monday as 0. `hours` is from the first time on until before the second, which may lie on
    the next morning; a second time of 00:00 is the midnight that ends the day. `first` and `last` are both
    included. The `written` ones keep the document's own words, because they count for the survey's version.
    """

    weekdays: frozenset[int] | None = None
    hours: tuple[time, time] | None = None
    first: date | None = None
    last: date | None = None
    weekdays_written: str | None = None
    hours_written: str | None = None

    def matches(self, local: datetime) -> bool:
        """Tell whether a moment of local time falls inside.

        What lies past midnight belongs to the evening before: `fri` `22:00-02:00` holds Saturday 01:00.
        """
        day, now = local.date(), local.time()
        opens, closes = self.hours or (MIDNIGHT, MIDNIGHT)
        if MIDNIGHT < closes < opens and now < closes:
            day -= timedelta(days=1)
        elif now < opens or opens < closes <= now:
            return False
        return (
            (self.weekdays is None or day.weekday() in self.weekdays)
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )

    def document(self) -> Document:
        """Write the schedule as it stands in a survey document."""
        weekdays = self.weekdays_written
        if weekdays is None and self.weekdays is not None:
            weekdays = ",".join(WEEKDAYS[day] for day in sorted(self.weekdays))
        hours = self.hours_written
        if hours is None and self.hours is not None:
            opens, closes = self.hours
            hours = f"{opens:%H:%M}-{'24:00' if closes == MIDNIGHT else format(closes, '%H:%M')}"
        bounds = {"from": self.first and self.first.isoformat(), "to": self.last and self.last.isoformat()}
        return _written(weekdays=weekdays, hours=hours, **bounds)


@frozen_named
class Question:
    """One question; which keys a type may have is questions.py's matter."""

    id: str
    type: str
    text: Texts
    metric: str | None = None
    help: Texts | None = None
    next: str | Mapping[str, str] | None = None
    ask: float | None = None
    options: tuple[Option, ...] = ()
    many: bool | None = None
    shuffle: bool | None = None
    min: int | None = None
    max: int | None = None
    low: Texts | None = None
    high: Texts | None = None
    max_length: int | None = None
    keyboard: str | None = None

    @property
    def lowest(self) -> int:
        """The smallest answer of a scale, or of stars."""
        return self._implied_values[0] if self.min is None else self.min

    @property
    def highest(self) -> int:
        """The greatest answer of a scale, or the number of stars."""
        return self._implied_values[1] if self.max is None else self.max

    @property
    def longest_text(self) -> int:
        """How many characters a written answer may have."""
        return DEFAULT_TEXT_CHARACTERS if self.max_length is None else self.max_length

    @property
    def _implied_values(self) -> tuple[int, int]:
        return SCALE_OF_METRIC.get(self.metric or "", (1, DEFAULT_STARS))

    def document(self) -> Document:
        """Write the question as it stands in a survey document."""
        labels = _written(low=self.low and dict(self.low), high=self.high and dict(self.high))
        return _written(
            id=self.id,
            type=self.type,
            metric=self.metric,
            text=dict(self.text),
            help=self.help and dict(self.help),
            ask=int(self.ask) if self.ask is not None and float(self.ask).is_integer() else self.ask,
            min=self.min,
            max=self.max,
            labels=labels or None,
            many=self.many,
            shuffle=self.shuffle,
            options=[option.document() for option in self.options] or None,
            max_length=self.max_length,
            keyboard=self.keyboard,
            next=dict(self.next) if isinstance(self.next, Mapping) else self.next,
        )


@frozen_named
class Survey:
    """A list of questions with branching, in the languages of its title."""

    id: str
    kind: str
    title: Texts
    questions: tuple[Question, ...]
    when: When | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        """The language tags that every text of the survey has, in the title's order."""
        return tuple(self.title)

    @property
    def first(self) -> Question:
        """The question a visit starts with."""
        return self.questions[0]

    def question(self, question_id: str) -> Question:
        """Find a question by its id; KeyError if there is none."""
        return self._by_id[question_id]

    def following(self, question_id: str) -> str:
        """Name the question that stands next in the document; `end` after the last."""
        return self._following[question_id]

    @cached_property
    def version(self) -> str:
        """The name that every tap gives to the survey it answered: 12 hex digits."""
        return version_of(self.document())

    def document(self) -> Document:
        """Write the survey as its document, ready for JSON."""
        return _written(
            id=self.id,
            kind=self.kind,
            title=dict(self.title),
            when=None if self.when is None else self.when.document(),
            question=[question.document() for question in self.questions],
        )

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def _following(self) -> dict[str, str]:
        return dict(pairwise([*(question.id for question in self.questions), END]))


@frozen_named
class Programme:
    """The surveys a kiosk holds, in the order in which they are tried."""

    surveys: tuple[Survey, ...]

    def in_force(self, local: datetime) -> Survey | None:
        """Find the first survey that is shown at a moment of the site's local time."""
        return next((each for each in self.surveys if each.when is None or each.when.matches(local)), None)

    def survey(self, version: str) -> Survey | None:
        """Find a survey by its version."""
        return next((each for each in self.surveys if each.version == version), None)


def _written(**keys: object) -> Document:
    """Leave out what the document does not say."""
    return {key: value for key, value in keys.items() if value is not None}
