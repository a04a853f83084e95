"""A store's own edit, from config.toml to head office's list, and who wins: real parts on both sides."""

from functools import partial

import pytest

from headoffice.store.audit import By
from headoffice.work import publish as office_publish
from kiosk.bootstrap import Kiosk, drain
from kiosk.in_force import InForce, peek
from kiosk.settings.publish import Author, publish
from kiosk.settings.versions import Versions
from kiosk.settings.watch import Watch
from kiosk.store.enrolment import Enrolment, keep_enrolment
from survey.parse import parse_programme, version_of
from survey.prediction import prediction
from survey.terms import Terms
from tests.headoffice.kiosk_side import SURVEY
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice

OWN = """
[[survey]]
id = "own"
kind = "in_the_moment"
title = { ja = "店" , en = "Store" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  text = { ja = "いかがでしたか", en = "How was it?" }
"""
OFFICES = SURVEY | {"question": SURVEY["question"][:1]}
EDITED = OFFICES | {"title": {"ja": "レジ", "en": "Our till"}}
NEWER = OFFICES | {"title": {"ja": "レジ", "en": "Tills"}}


@pytest.fixture
def office(tmp_path):
    office = RunningOffice(tmp_path / "office")
    office.tokens = make_tokens(office)
    yield office
    office.close()


class Shop:
    """One kiosk's files, and the program started on them as often as wanted."""

    def __init__(self, till, office, config):
        config.write_text(OWN)
        self.till, self.config = till, config
        store = till.open()
        place = {"kiosk": "1", "site": "1", "touchpoint": "checkout", "timezone": "Asia/Tokyo"}
        with store.database.write() as writer:
            keep_enrolment(writer, Enrolment(server=office.url, key=office.key(), **place))
        store.close()

    def sync(self):
        assert drain(Watch(self.config, self.till.folder).config, self.till.folder) == 0

    def work(self, *, edit=None, predict=None):
        """Start, let staff publish, let one shopper answer; gives the survey shown and what is in force."""
        watch = Watch(self.config, self.till.folder)
        in_force = InForce(watch.config)
        peek(self.till.folder, in_force)
        kiosk = Kiosk(self.till.folder, watch.config, in_force, watch=watch)
        kiosk.open()
        kiosk.look_at_config()
        try:
            if edit is not None:
                author = Author(role="staff", at_ms=1_795_250_000_000)
                publish(self.config, [edit], versions=Versions(self.till.folder), author=author)
                kiosk.look_at_config(published=True)
            shown = in_force.survey_now()
            kiosk.begin(shown, "en").answer("happy")
            if predict is not None:
                kiosk.predict(predict, "ja")
        finally:
            kiosk.close()
        return shown, in_force


def put(office, document, **terms):
    given = {document["id"]: Terms(**terms)} if terms else {}
    programme = parse_programme([document])
    by = By("person 1", 1)
    office.change(partial(office_publish.publish, programme=programme, sites=(), by=by, terms=given))


def test_a_stores_edit_is_answered_synced_and_seen_and_gives_way_to_what_is_newer(till, office, tmp_path):
    """Edit, publish, answer, sync: head office sees author, time and diff; then its newer one is shown."""
    put(office, OFFICES)
    shop = Shop(till, office, tmp_path / "config.toml")
    assert shop.work()[0].id == "own"
    shop.sync()
    shown, in_force = shop.work(edit=EDITED, predict=7)
    assert shown.version == version_of(EDITED)
    assert in_force.passed_over == ()
    shop.sync()
    with client_of(office, "admin") as api:
        surveys = {each["version"]: each for each in api.get("/api/v1/surveys").json()["surveys"]}
        (edit,) = surveys[version_of(EDITED)]["edits"]
        assert (edit["author"], edit["base"]) == ("staff", version_of(OFFICES))
        assert edit["changes"] == [f'title.en: "{OFFICES["title"]["en"]}" → "Our till"']
        taps = api.get("/api/v1/taps").json()["taps"]
        assert [each["answer"] for each in taps if each["survey"] == version_of(EDITED)] == ["happy"]
        assert [each["answer"] for each in taps if each["survey"] == prediction().version] == [7]
        (gap,) = api.get("/api/v1/metrics", params={"metric": "expectation_gap"}).json()["rows"]
        assert (gap["n"], gap["predicted"]["value"]) == (1, pytest.approx(0.7))
    put(office, NEWER)
    shop.sync()
    shown, in_force = shop.work()
    assert shown.version == version_of(NEWER)
    assert in_force.passed_over == (OFFICES["id"],)
    put(office, NEWER, locked=True, ask="extension 210")
    shop.sync()
    shown, in_force = shop.work(edit=EDITED)
    assert shown.version == version_of(NEWER)
    assert in_force.terms(OFFICES["id"]).ask == "extension 210"
    put(office, NEWER, locked=False)
    shop.sync()
    assert shop.work()[0].version == version_of(EDITED), "made anew from what is in force, and allowed again"
    shop.sync()
    with client_of(office, "admin") as api:
        surveys = {each["version"]: each for each in api.get("/api/v1/surveys").json()["surveys"]}
    assert [each["base"] for each in surveys[version_of(EDITED)]["edits"]] == [
        version_of(OFFICES),
        version_of(NEWER),
    ]
