"""Random fingers on the question editor: what can be published always loads, and every visit of it ends."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.settings.drafts import Doors, Drafts
from kiosk.settings.file import load
from survey.branching import longest
from survey.canonical import plain
from survey.edit import Editing
from survey.faults import place_of, words_of
from survey.library import read_library
from survey.measures import TYPES_OF_METRIC
from survey.model import METRICS, TYPES
from survey.outline import (
    answers,
    bounds,
    lacking_in_survey,
    languages,
    possible,
    spans,
    tree,
    unfolded_ways,
    ways,
)
from survey.shape import bounded, in_languages, measuring, new_option, new_question, of_many, retyped
from tests.kiosk.test_settings import SHIPPED

LONG = bool(os.environ.get("EGAO_TORTURE"))
LIBRARY = read_library(SHIPPED.parent / "assets")
WORDS = st.sampled_from(["", " ", "あ", "Well?", 'say "no"', "{店|みせ}", "x" * 121, "# [[survey]]"])
MOST = st.integers(0, 99)


class Fingers(RuleBasedStateMachine):
    """Every step that the editor's pages can take, at random places."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.config = self.folder / "config.toml"
        self.config.write_bytes(SHIPPED.read_bytes())
        doors = Doors(now_ms=lambda: 1, beyond_us=lambda _: (), look_at_config=lambda: None)
        self.drafts = Drafts(self.config, self.folder / "data", doors)
        begun = self.drafts.begin()
        self.base, self.now = begun.base, Editing(begun.documents)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def place(self, number: int) -> tuple[int, int]:
        survey = number % len(self.now.documents)
        return survey, number // 3 % max(1, len(self.now.documents[survey]["question"]))

    def asked(self, number: int) -> dict:
        survey, question = self.place(number)
        return self.now.documents[survey]["question"][question]

    @rule(at=MOST, name=st.sampled_from(sorted(LIBRARY.surveys)))
    @precondition(lambda self: len(self.now.documents) < 4)
    def add_survey(self, at: int, name: str) -> None:
        self.now = self.now.add_survey(at % (len(self.now.documents) + 1), LIBRARY.surveys[name])

    @rule(at=MOST, to=MOST, what=st.sampled_from(["move", "copy", "delete", "delete"]))
    def surveys(self, at: int, to: int, what: str) -> None:
        count = len(self.now.documents)
        if what == "move":
            self.now = self.now.move_survey(at % count, to % count)
        elif what == "copy" and count < 4:
            self.now = self.now.duplicate_survey(at % count)
        elif what == "delete" and count > 1:
            self.now = self.now.delete_survey(at % count)

    @rule(
        at=MOST,
        when=st.sampled_from(
            [
                None,
                {"hours": "09:00-21:00"},
                {"weekdays": "sat,sun"},
                {"from": "2026-12-02", "to": "2026-12-01"},
            ]
        ),
    )
    def schedule(self, at: int, when: dict | None) -> None:
        self.now = self.now.set_survey(self.place(at)[0], "when", when)

    @rule(at=MOST, tag=st.sampled_from(["fr", "en", "ja"]), into=st.booleans())
    def language(self, *, at: int, tag: str, into: bool) -> None:
        survey = self.place(at)[0]
        tags = languages(self.now.documents[survey])
        if into and tag not in tags:
            self.now = self.now.add_language(survey, tag)
        elif not into and tag in tags and len(tags) > 1:
            self.now = self.now.remove_language(survey, tag)

    @rule(at=MOST, which=MOST, blank=st.booleans())
    def add_question(self, *, at: int, which: int, blank: bool) -> None:
        survey, question = self.place(at)
        tags = languages(self.now.documents[survey])
        made = new_question(TYPES[which % len(TYPES)], tags)
        if not blank:
            made = in_languages(LIBRARY.questions[which % len(LIBRARY.questions)], tags)
        self.now = self.now.add_question(survey, question, made)

    @rule(at=MOST, to=MOST, what=st.sampled_from(["move", "copy", "delete"]))
    def questions(self, at: int, to: int, what: str) -> None:
        survey, question = self.place(at)
        count = len(self.now.documents[survey]["question"])
        if what == "move":
            self.now = self.now.move_question(survey, question, to % count)
        elif what == "copy":
            self.now = self.now.duplicate_question(survey, question)
        elif count > 1:
            self.now = self.now.delete_question(survey, question)

    @rule(
        at=MOST, words=WORDS, key=st.sampled_from(["text", "help"]), tag=st.sampled_from(["ja", "en", "fr"])
    )
    def write(self, at: int, words: str, key: str, tag: str) -> None:
        survey, question = self.place(at)
        if tag in (tags := languages(self.now.documents[survey])):
            text = {each: (self.asked(at).get(key) or {}).get(each, "") for each in tags} | {tag: words}
            gone = key == "help" and not any(each.strip() for each in text.values())
            self.now = self.now.set_question(survey, question, key, None if gone else text)

    @rule(at=MOST, kind=st.sampled_from(TYPES))
    def retype(self, at: int, kind: str) -> None:
        survey, question = self.place(at)
        tags = languages(self.now.documents[survey])
        self.now = self.now.replace_question(survey, question, retyped(self.asked(at), kind, tags))

    @rule(at=MOST, which=MOST)
    def measure(self, at: int, which: int) -> None:
        kind = self.asked(at).get("type")
        fitting = [None, *(metric for metric in METRICS if kind in TYPES_OF_METRIC[metric])]
        made = measuring(self.asked(at), fitting[which % len(fitting)])
        self.now = self.now.replace_question(*self.place(at), made)

    @rule(at=MOST, low=st.integers(0, 5), more=st.integers(1, 10))
    def bound(self, at: int, low: int, more: int) -> None:
        if self.asked(at)["type"] in ("scale", "stars"):
            low = low if self.asked(at)["type"] == "scale" else 1
            self.now = self.now.replace_question(*self.place(at), bounded(self.asked(at), low, low + more))

    @rule(at=MOST, many=st.booleans(), share=st.sampled_from([None, 0.05, 0.25]))
    def ask(self, *, at: int, many: bool, share: float | None) -> None:
        if self.asked(at)["type"] == "choice":
            self.now = self.now.replace_question(*self.place(at), of_many(self.asked(at), many=many))
        if self.place(at)[1]:
            self.now = self.now.set_question(*self.place(at), "ask", share)

    @rule(at=MOST, which=MOST, to=MOST, what=st.sampled_from(["add", "move", "copy", "delete", "icon"]))
    def options(self, at: int, which: int, to: int, what: str) -> None:
        survey, question = self.place(at)
        options = self.asked(at).get("options", ())
        if not options:
            return
        option, place = which % len(options), to % len(options)
        if what == "add" and len(options) < 12:
            new = new_option(languages(self.now.documents[survey]))
            self.now = self.now.add_option(survey, question, len(options), new)
        elif what == "move":
            self.now = self.now.move_option(survey, question, option, place)
        elif what == "copy" and len(options) < 12:
            self.now = self.now.duplicate_option(survey, question, option)
        elif what == "delete" and len(options) > 2:
            self.now = self.now.delete_option(survey, question, option)
        else:
            self.now = self.now.set_option(survey, question, option, "icon", "clock")

    @rule(at=MOST, which=MOST, to=MOST)
    def lead(self, at: int, which: int, to: int) -> None:
        survey, question = self.place(at)
        targets = possible(self.now.documents[survey], question)
        way, target = self.asked(at).get("next"), targets[to % len(targets)]
        if isinstance(way, dict):
            keys = (
                [span.key for span in spans(self.asked(at))]
                if self.asked(at)["type"] in ("scale", "stars")
                else [*way]
            )
            way = {**way, keys[which % len(keys)]: target}
        else:
            way = target
        self.now = self.now.set_question(survey, question, "next", way)

    @rule(at=MOST)
    def unfold(self, at: int) -> None:
        survey, question = self.place(at)
        if answers(self.asked(at)) and "" in ways(self.now.documents[survey], question):
            low, high = bounds(self.asked(at))
            scale = [(low, low), (low + 1, high)] if self.asked(at)["type"] in ("scale", "stars") else ()
            way = unfolded_ways(self.now.documents[survey], question, scale=scale)
            self.now = self.now.set_question(survey, question, "next", way)

    @rule(at=MOST)
    def fold(self, at: int) -> None:
        if isinstance(way := self.asked(at).get("next"), dict) and way:
            self.now = self.now.set_question(*self.place(at), "next", next(iter(way.values())))

    @rule()
    def undo(self) -> None:
        self.now = self.now.undo()

    @rule()
    def leave_and_return(self) -> None:
        self.drafts.keep(self.now.documents, self.base)
        begun = self.drafts.begin()
        assert begun.documents == self.now.documents
        self.now = Editing(begun.documents)

    @rule()
    @precondition(lambda self: not self.now.faults())
    def publish(self) -> None:
        self.drafts.publish(self.now.documents, self.base, "staff")
        programme = load(self.config).programme
        assert plain(Editing.of(programme).documents) == plain(self.now.documents)
        for survey in programme.surveys:
            assert 1 <= longest(survey, survey.first.id) <= len(survey.questions)
        self.base = self.drafts.begin().base

    @invariant()
    def every_page_can_be_shown(self) -> None:
        """Half finished or not: trees end, ways and faults have words and a part that is there."""
        for survey in getattr(self, "now", Editing(())).documents:
            assert len(tree(survey)) <= 12 * len(survey["question"]) + 1
            lacking_in_survey(survey)
        for fault in self.now.faults() if hasattr(self, "now") else ():
            place = place_of(fault)
            assert words_of(fault, lambda key, **_: key, str) != "faults.other", fault
            assert place.survey < len(self.now.documents)
            if place.question >= 0:
                asked = self.now.documents[place.survey]["question"][place.question]
                assert place.option < len(asked.get("options", ()))


Fingers.TestCase.settings = settings(
    max_examples=10_000 if LONG else 25,
    stateful_step_count=30 if LONG else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestFingers = pytest.mark.timeout(7_200 if LONG else 180)(Fingers.TestCase)
