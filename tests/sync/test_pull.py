"""The programme comes down when it is new, and only a sound one is put in force."""

import pytest

from sync.errors import BadProgramme, Offline
from tests.sync.faulty_server import answer

SOUND = {
    "id": "checkout",
    "kind": "in_the_moment",
    "title": {"ja": "レジ", "en": "Checkout"},
    "question": [
        {
            "id": "rating",
            "type": "faces",
            "metric": "csat",
            "text": {"ja": "いかがでしたか?", "en": "How was it?"},
            "next": "end",
        }
    ],
}


def test_new_programme_is_fetched_and_kept(pull, shelf, office):
    """When an ack names another etag the programme is fetched whole."""
    office.programme = ("etag-1", [SOUND])
    assert pull.refresh("etag-1") is True
    assert shelf.kept == ("etag-1", [SOUND])


def test_same_programme_is_not_asked_for(pull, server, office):
    """The etag in the ack spares the request."""
    office.programme = ("etag-1", [SOUND])
    pull.refresh("etag-1")
    assert pull.refresh("etag-1") is False
    assert len(server.requests) == 1


def test_nothing_published_and_nothing_kept_is_the_same(pull, server):
    """An ack without a programme asks a kiosk without one for nothing."""
    assert pull.refresh(None) is False
    assert server.requests == []


def test_withdrawn_programme_is_kept_as_an_empty_one(pull, shelf, office):
    """When head office withdraws its programme, the kiosk's own is in force again."""
    office.programme = ("etag-1", [SOUND])
    pull.refresh("etag-1")
    office.programme = ("etag-2", [])
    assert pull.refresh("etag-2") is True
    assert shelf.kept == ("etag-2", [])


def test_bad_programme_leaves_the_last_good_one(pull, shelf, office):
    """A programme with a fault is not put in force, and the fault is said with its place."""
    office.programme = ("etag-1", [SOUND])
    pull.refresh("etag-1")
    office.programme = ("etag-2", [SOUND, SOUND | {"id": "other", "question": []}])
    with pytest.raises(BadProgramme, match=r"programme\[1\]"):
        pull.refresh("etag-2")
    assert shelf.kept == ("etag-1", [SOUND])


def test_bad_programme_is_fetched_once(pull, server, shelf, office):
    """The same bad programme is said at every exchange but not fetched at every exchange; a mended one is."""
    office.programme = ("etag-2", [{"id": 7}])
    for _ in range(3):
        with pytest.raises(BadProgramme):
            pull.refresh("etag-2")
    assert len(server.requests) == 1
    office.programme = ("etag-3", [SOUND])
    assert pull.refresh("etag-3") is True
    assert shelf.etag() == "etag-3"


def test_a_problem_is_told_until_it_is_gone(pull, office):
    """What is wrong with a programme can be asked for; taking it back or mending it ends that."""
    office.programme = ("etag-1", [SOUND])
    pull.refresh("etag-1")
    assert pull.problem is None
    for mend in (office.programme, ("etag-3", [SOUND])):
        office.programme = ("etag-2", [{"id": 7}])
        with pytest.raises(BadProgramme):
            pull.refresh("etag-2")
        assert "cannot be used" in pull.problem
        office.programme = mend
        pull.refresh(mend[0])
        assert pull.problem is None


@pytest.mark.parametrize(
    "behaviour",
    [answer(200, b"<html>"), answer(200, b"{}"), answer(302, Location="/"), answer(500), answer(304)],
)
def test_page_on_the_way_does_not_become_a_programme(pull, shelf, server, behaviour):
    """What is no programme of head office's changes nothing."""
    server.plan(behaviour)
    with pytest.raises(Offline):
        pull.refresh("etag-1")
    assert shelf.kept is None
