"""The order of options: another one for each visit, the same one while the visit lasts."""

from kiosk.ui.order import ordered
from kiosk.visit import Ask, Visit
from survey.model import Option, Question
from survey.parse import loads_toml

NAMES = ["queue", "range", "staff", "price", "clean", "other"]


def question(*, shuffle: bool | None, names: list[str] = NAMES) -> Question:
    """A choice of these options."""
    options = tuple(Option(id=name, text={"en": name}) for name in names)
    return Question(id="why", type="choice", text={"en": "Why?"}, options=options, shuffle=shuffle)


def ids(asked: Question, seed: float) -> list[str]:
    """The order of its options in a visit."""
    return [option.id for option in ordered(asked, seed)]


def test_options_stand_as_written_unless_the_survey_says_otherwise():
    """Without `shuffle` every visit sees the survey's order."""
    assert ids(question(shuffle=None), 0.25) == ids(question(shuffle=False), 0.75) == NAMES


def test_a_visit_keeps_its_order_and_another_has_its_own():
    """Going back shows the same order; over many visits each option comes first about equally often."""
    asked = question(shuffle=True)
    assert ids(asked, 0.5) == ids(asked, 0.5)
    firsts = [ids(asked, seed / 1000)[0] for seed in range(1000)]
    assert all(120 < firsts.count(name) < 280 for name in NAMES[:-1])


def test_something_else_stays_last():
    """An option `other` that the survey has last is looked for at the end; elsewhere it moves like all."""
    assert {ids(question(shuffle=True), seed / 50)[-1] for seed in range(50)} == {"other"}
    front = question(shuffle=True, names=["other", *NAMES[:-1]])
    assert len({ids(front, seed / 50)[-1] for seed in range(50)}) > 3


def test_something_else_leads_to_words():
    """One option of a choice may lead to a text question; a given answer can be changed."""
    survey = loads_toml("""
        [[survey]]
        id = "a"
        kind = "in_the_moment"
        title = { en = "A" }
        [[survey.question]]
        id = "why"
        type = "choice"
        text = { en = "Why?" }
        options = [{ id = "queue", text = { en = "Queue" } }, { id = "other", text = { en = "Other" } }]
        next = { queue = "end", other = "tell" }
        [[survey.question]]
        id = "tell"
        type = "text"
        text = { en = "Tell us" }
    """).surveys[0]
    saved: list[tuple[str, object]] = []
    visit = Visit(
        survey,
        language="en",
        save=lambda answered: saved.append((answered.question, answered.answer)),
        monotonic_ms=lambda: 0,
        new_id=lambda: "v",
    )
    step = visit.answer("other")
    assert isinstance(step, Ask)
    assert step.question.id == "tell"
    visit.back()
    visit.answer("other")
    visit.answer("call me: 090-1234-5678")
    assert saved == [("why", "other"), ("why", "other"), ("tell", "call me: 「●●●」")]
