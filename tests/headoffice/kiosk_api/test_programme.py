import gzip
import json
from functools import partial
from urllib.parse import urlencode

import pytest

from headoffice.problems import Overtaken
from headoffice.store import sites
from headoffice.store.audit import By
from headoffice.store.programmes import Entry, Published, Target
from headoffice.work import access, publish
from survey.parse import parse_programme, parse_survey, version_of
from survey.terms import Terms
from tests.headoffice.kiosk_side import SURVEY, new_id, other_survey, refused, tap
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice


@pytest.fixture
def quiet(tmp_path):
    """A head office where nothing was published yet."""
    office = RunningOffice(tmp_path)
    yield office
    office.close()


def programme(kiosk, **headers):
    return kiosk.client.get("/kiosk/v1/programme", headers=headers)


def test_before_anything_is_published_the_programme_is_empty(quiet):
    """A kiosk gets an empty list and so keeps its own surveys; the same etag stands in its acks."""
    kiosk = quiet.sender()
    told = programme(kiosk).json()
    assert told["surveys"] == []
    assert kiosk.acked([])["programme"] == told["etag"]
    kiosk.close()


def test_programme_holds_the_documents_as_published(office, kiosk):
    """The surveys come in order and whole: each has the version that its taps will name."""
    etag = office.publish(other_survey("Zebra") | {"id": "zebra"}, SURVEY)
    answer = programme(kiosk)
    assert answer.status_code == 200
    assert answer.headers["etag"] == f'"{etag}"'
    told = answer.json()
    assert set(told) == {"etag", "surveys", "terms"}
    assert [survey["id"] for survey in told["surveys"]] == ["zebra", "checkout"]
    assert version_of(told["surveys"][1]) == version_of(SURVEY)


@pytest.mark.parametrize("form", ['"{}"', 'W/"{}"', '"other", "{}"'])
def test_an_unchanged_programme_is_not_sent_again(kiosk, form):
    """If-None-Match with the etag in force gets 304 without a body; another one gets the programme."""
    etag = programme(kiosk).json()["etag"]
    answer = programme(kiosk, **{"if-none-match": form.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert programme(kiosk, **{"if-none-match": '"other"'}).status_code == 200


def test_what_was_published_last_is_in_force(office, kiosk):
    """A programme for one site leaves the others alone; one for every site replaces it there too."""
    name = f"Umeda {new_id()}"
    there = office.change(
        partial(access.add_site, name=name, timezone="Asia/Tokyo", tags={}, by=By("test", 1))
    )
    elsewhere = office.sender(site=there)
    everywhere = office.publish(other_survey("for all"))
    here = office.publish(other_survey("for one"), names=[name])
    assert programme(elsewhere).json()["etag"] == here
    assert programme(kiosk).json()["etag"] == everywhere
    assert elsewhere.acked([])["programme"] == here
    assert kiosk.acked([])["programme"] == everywhere
    again = office.publish(other_survey("for all again"))
    assert programme(elsewhere).json()["etag"] == programme(kiosk).json()["etag"] == again
    elsewhere.close()


def test_a_survey_goes_to_sites_and_tags_beside_what_is_there(quiet):
    """One survey takes its own place at the sites and tags named, follows a tag, and can be taken back."""
    there = quiet.change(
        partial(
            access.add_site, name="Umeda", timezone="Asia/Tokyo", tags={"region": "kansai"}, by=By("t", 1)
        )
    )
    kansai, shibuya = quiet.sender(site=there), quiet.sender()
    first, second = (other_survey(each) | {"id": each} for each in ("first", "second"))
    everywhere = quiet.publish(first, second)

    def put(document, *tags, place=None, withdrawn=False, seen=None):
        survey = parse_survey(document)
        entries = () if withdrawn else (Entry(survey=survey.id, version=survey.version),)
        target = Target(sites=(), tags=tags)
        change = Published(entries=entries, target=target, survey=survey.id, place=place)

        def publish_one(connection):
            newest = publish.last_published(connection, survey.id)[0].id if seen is None else seen
            return publish.publish_survey(connection, survey, change, seen=newest, by=By("person 1", 5)).id

        return quiet.change(publish_one)

    def shown(kiosk):
        told = programme(kiosk).json()
        assert kiosk.acked([])["programme"] == told["etag"]
        return [f"{each['id']} {each['title']['en']}" for each in told["surveys"]]

    was = shown(shibuya)
    number = put(second | {"title": second["title"] | {"en": "Changed"}}, ("region", "kansai"))
    assert shown(kansai) == [was[0], "second Changed"]
    assert (shown(shibuya), programme(shibuya).json()["etag"]) == (was, everywhere)
    assert (
        put(second | {"title": second["title"] | {"en": "Changed"}}, ("region", "kansai"), seen=1) == number
    )
    with pytest.raises(Overtaken, match="person 1"):
        put(second, ("region", "kansai"), seen=1)
    put(other_survey("New") | {"id": "new"}, ("region", "kansai"))
    put(first, ("region", "kansai"), place="last")
    assert [each.split()[0] for each in shown(kansai)] == ["new", "second", "first"]
    site = quiet.change(partial(sites.find_site, named="Umeda"))
    quiet.change(partial(access.change_tags, site=site, tags={}, by=By("t", 2)))
    assert programme(kansai).json()["etag"] == everywhere
    quiet.change(partial(access.change_tags, site=site, tags={"region": "kansai"}, by=By("t", 2)))
    put(other_survey("New") | {"id": "new"}, ("region", "kansai"), withdrawn=True)
    assert [each.split()[0] for each in shown(kansai)] == ["second", "first"]
    kansai.close()
    shibuya.close()


def test_a_large_programme_comes_packed_where_that_is_understood(office, kiosk):
    """Gzip is used where the kiosk accepts it, and not where it does not."""
    office.publish()
    with kiosk.client.stream("GET", "/kiosk/v1/programme", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(raw))["surveys"]
    assert "content-encoding" not in programme(kiosk, **{"accept-encoding": "identity"}).headers


def test_a_survey_is_put_once_and_its_taps_are_taken(office, kiosk):
    """A survey made on a kiosk is kept under its version; putting it again changes nothing."""
    document = other_survey(new_id())
    assert kiosk.put(document).status_code == 204
    assert kiosk.put(document).status_code == 204
    assert office.value("SELECT count(*) FROM surveys WHERE version = ?", version_of(document)) == 1
    assert kiosk.acked([tap(1, survey=version_of(document))])["rejected"] == []


def test_a_survey_under_a_wrong_version_is_refused(office, kiosk):
    """A version that is not the document's own gets 400 and nothing is kept."""
    before = office.value("SELECT count(*) FROM surveys")
    answer = kiosk.put(other_survey(new_id()), version="0123456789ab")
    assert refused(answer, 400, "invalid")["faults"][0]["place"] == "version"
    assert office.value("SELECT count(*) FROM surveys") == before


def test_every_fault_of_a_survey_is_told_with_its_place(office, kiosk):
    """A survey with two faults gets both, counted from 0, and is not kept."""
    document = other_survey(new_id())
    document["question"][0]["type"] = "smileys"
    document["question"][1]["next"] = "nowhere"
    before = office.value("SELECT count(*) FROM surveys")
    places = [fault["place"] for fault in refused(kiosk.put(document), 400, "invalid")["faults"]]
    assert "survey.question[0].type" in places
    assert "survey.question[1].next" in places
    assert office.value("SELECT count(*) FROM surveys") == before


def test_what_a_store_made_is_seen_with_its_author_and_what_it_changed(quiet):
    """An edit comes with its role, time and base; told twice it stands once; so has a published one."""
    programme = parse_programme([SURVEY])
    terms = {SURVEY["id"]: Terms(places=2, ask="extension 210")}
    quiet.change(partial(publish.publish, programme=programme, sites=(), by=By("person 1", 7), terms=terms))
    kiosk, edited = quiet.sender(), SURVEY | {"title": SURVEY["title"] | {"en": "Till"}}
    (told,) = kiosk.client.get("/kiosk/v1/programme").json()["terms"]
    assert told == terms[SURVEY["id"]].document() | {"author": "person 1", "made_at": 7}
    said = {"author": "staff", "at": 1_795_250_000_000, "base": version_of(SURVEY)}
    for _ in range(2):
        address = f"/kiosk/v1/surveys/{version_of(edited)}?{urlencode(said)}"
        assert kiosk.client.put(address, json=edited).status_code == 204
    quiet.tokens = make_tokens(quiet)
    with client_of(quiet, "results") as client:
        surveys = {each["version"]: each["edits"] for each in client.get("/api/v1/surveys").json()["surveys"]}
    (edit,) = surveys[version_of(edited)]
    assert (edit["author"], edit["kiosk"], edit["base"]) == ("staff", "1", version_of(SURVEY))
    assert edit["made_at"] == "2026-11-21T08:33:20.000+00:00"
    assert edit["changes"] == [f'title.en: "{SURVEY["title"]["en"]}" → "Till"']
    assert surveys[version_of(SURVEY)][0]["author"] == "person 1"
    for document in (SURVEY, edited, edited):
        quiet.publish(document)
    with client_of(quiet, "results") as client:
        surveys = {each["version"]: each["edits"] for each in client.get("/api/v1/surveys").json()["surveys"]}
    assert [(each["kiosk"], each["changes"]) for each in surveys[version_of(edited)]] == [
        (None, edit["changes"]),
        ("1", edit["changes"]),
    ]
    assert len(surveys[version_of(SURVEY)]) == 1
    wrong = "author=&at=x&base=y"
    answer = kiosk.client.put(f"/kiosk/v1/surveys/{version_of(edited)}?{wrong}", json=edited)
    faults = refused(answer, 400, "invalid")["faults"]
    assert [fault["place"] for fault in faults] == ["author", "at", "base"]
    kiosk.close()


@pytest.mark.parametrize("path", ["/kiosk/v1/programme", "/kiosk/v1/surveys/0123456789ab"])
def test_programme_and_surveys_need_a_key(office, kiosk, path):
    """Without a kiosk's key there is no programme and no survey is taken."""
    method = "GET" if path.endswith("programme") else "PUT"
    answer = kiosk.client.request(method, path, headers={"authorization": "Bearer nobody"}, content=b"{}")
    refused(answer, 401, "unauthorised")
