"""Surveys edited on head office's pages: each step, two people at once, faults at their places, attacks."""

import html
import json
import re
from copy import deepcopy
from functools import partial
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headoffice.store import drafts
from headoffice.store.audit import By
from headoffice.store.people import ROLES
from headoffice.web.drafts.steps import head_of, seen, take
from headoffice.web.drafts.views import forest
from headoffice.web.shipped import library
from headoffice.web.words import read_words
from survey.edit import Editing
from survey.editable import editable
from survey.model import TYPES
from tests.headoffice.kiosk_side import refused
from tests.headoffice.pages.conftest import XSS, new_office, one_time_code

EN, JA = (read_words()[language] for language in ("en", "ja"))
INPUT = re.compile(r'<input type="hidden" name="([a-z.0-9_]+)" value="([^"]*)"')
READY = library()
CHECKOUT = READY.surveys["checkout"]
RATING, SAD, RECOMMEND = 0, 1, 3


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A head office with the shipped survey in force."""
    office = new_office(tmp_path_factory.mktemp("drafts"))
    yield office
    office.close()


@pytest.fixture
def enter(office, visitor):
    """Signs somebody in: a browser without a screen."""

    def enter_as(role="admin", name="first"):
        client = visitor(office, **{"Accept-Language": "en"})
        code = one_time_code(office, email=f"{name}-{role}@example.com", role=role)
        assert client.post("/sign-in/code", data={"code": code}).status_code == 303
        return client

    return enter_as


def begun(office, document=CHECKOUT):
    """A new draft's path."""
    made = office.change(partial(drafts.create, document=document, base=None, by=By("person 1", 5)))
    return f"/surveys/drafts/{made.id}"


def kept(office, path):
    number = int(path.split("/")[3])
    with office.database.read() as connection:
        return drafts.read(connection, number)


def form_of(client, page):
    """What every form on a page carries: whose it is, and of which revision."""
    found = dict(INPUT.findall(client.get(page).text))
    return {name: value for name, value in found.items() if name in {"csrf", "revision", "beside"}}


class Loaded(HTMLParser):
    """The fields of a question's form, as a browser sends them when nobody touched it."""

    def __init__(self, text):
        super().__init__()
        self.fields, self._name = {}, None
        self.feed(text[text.index('class="question"') :])

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        if tag == "input" and (has.get("type") not in {"checkbox", "radio"} or "checked" in has):
            self.fields[has["name"]] = has.get("value", "on")
        elif tag in {"textarea", "select"}:
            self._name, self.fields[has["name"]] = has["name"], ""
        elif tag == "option" and "selected" in has:
            self.fields[self._name] = has["value"]

    def handle_endtag(self, tag):
        self._name = None if tag in {"textarea", "select"} else self._name

    def handle_data(self, data):
        if self.lasttag == "textarea" and self._name:
            self.fields[self._name] += data


def loaded(client, page):
    return Loaded(client.get(page).text).fields


def question(office, path, number):
    return kept(office, path).document["question"][number]


def test_a_draft_begins_blank_from_the_library_or_a_version(office, enter):
    """Each way leads to a draft that is listed with who made it; nobody but an administrator gets in."""
    client = enter()
    csrf = form_of(client, "/surveys/drafts")
    for begin, survey, base in (
        ("blank:", "survey", None),
        ("library:relationship_nps", READY.surveys["relationship_nps"]["id"], None),
        (f"version:{office.version}", office.document["id"], office.version),
    ):
        path = client.post("/surveys/drafts", data=csrf | {"from": begin}).headers["location"]
        draft = kept(office, path)
        assert (draft.survey, draft.base, draft.revision) == (survey, base, 1)
        assert path in client.get("/surveys/drafts").text
    assert client.post("/surveys/drafts", data=csrf | {"from": "version:ffffffffffff"}).status_code == 400
    assert client.post("/surveys/drafts", data=csrf | {"from": "library:../x"}).status_code == 303
    assert '"/surveys/drafts"' in client.get("/surveys").text
    for role in set(ROLES) - {"admin"}:
        other = enter(role)
        assert '"/surveys/drafts"' not in other.get("/surveys").text
        own = form_of(other, "/surveys") | {"act": "question:delete:0", "revision": "1"}
        for page in ("/surveys/drafts", path, f"{path}/questions/0", f"{path}/texts", f"{path}/settings"):
            refused(other.get(page), 403, "forbidden")
            refused(other.post(page, data=own), 403, "forbidden")
    for wrong in ("0", "99", "9" * 30, "x"):
        refused(client.get(f"/surveys/drafts/{wrong}"), 404, "not_found")
        refused(client.get(f"{path}/questions/{wrong if wrong != '0' else 50}"), 404, "not_found")


def test_each_step_is_kept_can_be_taken_back_and_is_noted(office, enter):
    """A form that was not touched changes nothing; a text, a move and a language are a step each."""
    client, path = enter(), begun(office)
    page = f"{path}/questions/{SAD}"
    assert client.post(page, data=loaded(client, page)).status_code == 303
    assert kept(office, path).revision == 1
    changed = {f"q{SAD}.text.ja": "なぜ", f"q{SAD}.text.en": "  Why\r\nso? "}
    answer = client.post(page, data=loaded(client, page) | changed | {"act": "option:down:0"})
    assert answer.headers["location"] == f"{page}?beside=en&at=option-down-1"
    assert "autofocus" in client.get(answer.headers["location"]).text
    now = question(office, path, SAD)
    assert (now["text"]["ja"], now["text"]["en"]) == ("なぜ", "Why so?")
    assert [each["id"] for each in now["options"]][:2] == [
        each["id"] for each in (CHECKOUT["question"][SAD]["options"][1::-1])
    ]
    for act, questions in (("question:copy:4", 6), ("undo", 5), ("redo", 6), ("question:delete:5", 5)):
        assert client.post(path, data=form_of(client, path) | {"act": act}).status_code == 303
        assert len(kept(office, path).document["question"]) == questions, act
    answer = client.post(path, data=form_of(client, path) | {"act": "question:add", "new": "stars"})
    assert answer.headers["location"].startswith(f"{path}/questions/5?")
    settings = form_of(client, path) | {"act": "language:remove:fr"}
    assert client.post(f"{path}/settings", data=settings).status_code == 303
    assert "fr" not in kept(office, path).document["title"]
    did = [did for (did,) in office.rows("SELECT did FROM audit ORDER BY id DESC LIMIT 7")]
    assert did == ["change draft"] * 7
    thrown = client.post(f"{path}/throw-away", data=form_of(client, path))
    assert EN("drafts.done_thrown_away") in client.get(thrown.headers["location"]).text
    assert (kept(office, path), client.get(path).status_code) == (None, 404)


def test_two_people_lose_nothing(office, enter):
    """Other parts of a survey go together; at the same one the second is told, and keeps what was typed."""
    first, second, path = enter(), enter(name="second"), begun(office)
    page, other = f"{path}/questions/{SAD}", f"{path}/questions/{RECOMMEND}"
    mine, theirs, elsewhere = loaded(first, page), loaded(second, page), loaded(second, other)
    late = form_of(second, path)
    moved = form_of(first, path) | {"act": "question:up:1"}
    assert first.post(page, data=mine | {f"q{SAD}.text.en": "First?"}).status_code == 303
    assert second.post(other, data=elsewhere | {f"q{RECOMMEND}.text.en": "Would you?"}).status_code == 303
    assert question(office, path, SAD)["text"]["en"] == "First?"
    assert question(office, path, RECOMMEND)["text"]["en"] == "Would you?"
    revision = kept(office, path).revision
    for answer in (
        second.post(page, data=theirs | {f"q{SAD}.text.en": "Second?"}),
        second.post(path, data=late | {"act": "question:delete:0"}),
        second.post(path, data=late | {"act": "undo"}),
        second.post(f"{path}/throw-away", data=late),
        first.post(path, data=moved),
    ):
        assert answer.status_code == 409
        assert "second-admin@example.com" in answer.text
    assert kept(office, path).revision == revision
    told = second.post(page, data=theirs | {f"q{SAD}.text.en": "Second?"}).text
    assert '.text.en: "First?" → "Second?"' in html.unescape(told)
    again = theirs | dict(INPUT.findall(told)) | {f"q{SAD}.text.en": "Second?"}
    assert second.post(page, data=again).status_code == 303
    assert question(office, path, SAD)["text"]["en"] == "Second?"
    assert first.post(path, data=form_of(first, path) | {"act": f"question:delete:{SAD}"}).status_code == 303
    gone = second.post(page, data=again | {f"q{SAD}.text.en": "Third?"})
    assert (gone.status_code, EN("drafts.lost") in gone.text, "Third?" in gone.text) == (409, True, True)


def test_what_is_wrong_stands_at_its_place_in_both_languages(office, enter):
    """A blank text, a way to nowhere and a wrong number are told in words at their fields."""
    document = deepcopy(CHECKOUT)
    document["question"][RATING]["text"]["en"] = ""
    document["question"][RATING]["next"]["sad"] = "nobody"
    document["when"] = {"from": "2026-12-02", "to": "2026-12-01"}
    client, path = enter(), begun(office, document)
    for words in (EN, JA):
        text = client.get(f"{path}?lang={words.language}").text
        assert words("drafts.mend", n=3) in text
        assert f'href="{path}/questions/0?beside=en#q0.text.en"' in text
        page = client.get(f"{path}/questions/0?beside=en&lang={words.language}").text
        lacks = words("drafts.faults.empty_in", language=words.language_name("en"))
        assert lacks in page
        assert re.search(r'name="q0.text.en"[^>]*aria-invalid="true"', page)
        assert words("drafts.faults.no_question") in page.split('id="ways"')[1]
        assert words("drafts.faults.dates") in client.get(f"{path}/settings?lang={words.language}").text
    page = f"{path}/questions/{RECOMMEND}?lang=en"
    wrong = client.post(page, data=loaded(client, page) | {f"q{RECOMMEND}.ask": "½"})
    assert (wrong.status_code, "is no number" in wrong.text, kept(office, path).revision) == (400, True, 1)


def hostile():
    """Documents as a spreadsheet or a stranger could leave them."""
    attack = deepcopy(CHECKOUT)
    attack["id"] = attack["question"][SAD]["id"] = XSS
    attack["title"] = {"ja": XSS, "en": XSS, XSS: XSS}
    attack["when"] = {"weekdays": XSS, "hours": XSS, "from": XSS}
    for option in attack["question"][SAD]["options"]:
        option |= {"id": XSS, "icon": XSS, "text": {"ja": XSS}}
    attack["question"][RATING]["next"] = {"sad": XSS, XSS: "end"}
    deep = {"question": [{"type": "scale", "min": 9, "max": 2, "next": {"9-2": "x"}, "labels": {"low": 5}}]}
    return attack, deep, {}, {"question": "x", "title": [1]}, {"question": [None, {"options": [7, {}]}] * 99}


@pytest.mark.parametrize("number", range(5))
def test_no_document_breaks_a_page_or_runs(office, enter, number):
    """Whatever a draft holds, every page shows it, nothing of it is a tag, and a step can be taken."""
    client, path = enter(), begun(office, hostile()[number])
    for page in ("", "/texts", "/settings", "/questions/0", "/questions/1"):
        answer = client.get(path + page)
        assert answer.status_code in ({200, 404} if page.startswith("/questions") else {200})
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
    added = client.post(path, data=form_of(client, path) | {"act": "question:add", "new": "notice"})
    assert added.status_code == 303
    assert "<script>alert" not in client.get("/surveys/drafts").text


def typed(document, number, **fields):
    """The document after a form of a question."""
    form = {f"q{number}.{name}": value for name, value in ({"was": ""} | fields).items() if name != "act"}
    return take(document, form | {"act": fields.get("act", "save")}, fresh=True).document


def test_ways_of_a_scale_are_parted_moved_and_joined():
    """Borders and targets follow the form, stay whole, and are sound whatever was typed."""
    document = typed(CHECKOUT, RECOMMEND, ways="same")
    document = typed(document, RECOMMEND, ways="each")
    assert list(document["question"][RECOMMEND]["next"]) == ["0-6", "7-8", "9-10"]
    fields = {
        "ways": "each",
        "span.0": "3",
        "span.1": "99",
        "way.0": "nps_why",
        "way.1": "end",
        "way.2": "end",
    }
    document = typed(document, RECOMMEND, **fields)
    assert document["question"][RECOMMEND]["next"] == {"0-3": "nps_why", "4-9": "end", "10": "end"}
    document = typed(document, RECOMMEND, act="way:part")
    assert list(document["question"][RECOMMEND]["next"]) == ["0-3", "4-6", "7-9", "10"]
    document = typed(document, RECOMMEND, act="way:join:0")
    assert document["question"][RECOMMEND]["next"] == {"0-6": "end", "7-9": "end", "10": "end"}
    document = typed(document, RECOMMEND, ways="each", **{"way.0": "nps_why"})
    assert Editing((document,)).faults() == ()


def test_every_type_can_be_made_of_every_other():
    """A question turned into each type in turn keeps its words, and each asks for nothing but words."""
    document = CHECKOUT
    for kind in (*TYPES, *reversed(TYPES)):
        document = typed(document, SAD, type=kind, metric="")
        assert document["question"][SAD]["text"] == CHECKOUT["question"][SAD]["text"]
        assert {fault.place.partition("[1]")[0] for fault in Editing((document,)).faults()} <= {
            "survey[0].question",
        }
        assert all("text" in fault.place for fault in Editing((document,)).faults())


def test_the_tree_reads_down_where_all_go_the_same_way():
    """Answers that part stand further in; what follows for all stands below, so many are no stair."""
    questions = [{"id": f"q{n}", "type": "notice", "text": {"en": str(n)}} for n in range(50)]
    (*flat,) = forest(EN, {**CHECKOUT, "question": questions})
    assert ([node.text for node in flat], [node.below for node in flat]) == (
        [str(n) for n in range(50)],
        [[]] * 50,
    )
    (root,) = forest(EN, CHECKOUT)
    assert [(node.answers[0].face, node.number) for node in root.below] == [
        ("sad", 1),
        ("neutral", 2),
        ("happy", 3),
    ]
    assert [(node.answers[0].words, node.number) for node in root.below[2].below] == [
        ("0–6", 4),
        ("7–10", None),
    ]


def test_a_schedule_is_written_only_where_it_changed():
    """What nobody touched keeps its spelling, and so its version; every day and no hours are no schedule."""
    document = {**CHECKOUT, "when": {"weekdays": "mon-fri", "hours": "9:00-22:00"}}
    form = {"head.seen": seen(head_of(document)), "weekdays": "1", "opens": "09:00", "closes": "22:00"}
    ticked = {f"weekday.{day}": "on" for day in range(5)}
    assert take(document, form | ticked, fresh=True).document == document
    changed = take(document, form | ticked | {"weekday.6": "on", "closes": "00:00"}, fresh=True).document
    assert changed["when"] == {"weekdays": "mon,tue,wed,thu,fri,sun", "hours": "09:00-24:00"}
    always = form | ticked | {"weekday.5": "on", "weekday.6": "on", "opens": "", "closes": ""}
    assert "when" not in take(document, always, fresh=True).document
    none = take(document, form, fresh=True).document
    assert [fault.place for fault in Editing((none,)).faults()] == ["survey[0].when.weekdays"]


LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-9, 200)
    | st.floats()
    | st.sampled_from(("", "end", "0-3", *TYPES))
)
ANY = (
    LEAF
    | st.lists(LEAF, max_size=2)
    | st.dictionaries(st.sampled_from(("ja", "low", "0-3")), LEAF, max_size=2)
)
KEYS = "id", "type", "text", "help", "options", "next", "min", "max", "labels", "ask", "metric", "many"
ASKED = ANY | st.dictionaries(st.sampled_from(KEYS), ANY, max_size=8)
SURVEYS = ANY | st.fixed_dictionaries(
    {"question": st.lists(ASKED, max_size=3)},
    optional={"title": ANY, "when": ANY, "id": ANY, "kind": ANY},
)


@settings(max_examples=60, deadline=None)  # a busy machine is no fault of a document
@given(
    document=SURVEYS,
    act=st.sampled_from(("save", "way:part", "option:add", "question:copy:0", "question:up:1")),
)
def test_any_document_is_fit_to_be_edited(document, act):
    """Whatever JSON holds becomes a survey that can be shown and edited; twice is as once."""
    fit = editable(document)
    assert editable(deepcopy(fit)) == fit
    json.dumps(fit)
    after = typed(fit, 0, act=act, ways="each", type="scale", **{"text.en": "x"})
    assert editable(after) == after
    assert forest(EN, after) is not None
