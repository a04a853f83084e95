"""A picture of the screen goes up when head office asks, once, and never at the cost of a tap."""

import pytest

from sync.errors import NotAnAck, Refused, Unreachable
from sync.picture import Pictures


class Hands:
    """A client and a camera; `film` is what the camera has taken."""

    def __init__(self):
        self.film, self.sent, self.did, self.error = None, [], [], None

    def put_picture(self, asked, png):
        if self.error is not None:
            raise self.error
        self.sent.append((asked, png))

    def ask(self):
        self.did.append("ask")

    def forget(self):
        self.did.append("forget")
        self.film = None

    def developed(self):
        film, self.film = self.film, None
        return film


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def pictures(hands):
    return Pictures(hands, hands)


def test_it_is_asked_for_then_sent_once(hands, pictures):
    """The first ack has it taken, the next one sends it under the name that was asked for."""
    pictures.heard("17")
    assert (hands.did, hands.sent) == (["ask"], [])
    hands.film = b"png"
    pictures.heard("18")
    assert hands.sent == [("18", b"png")]
    pictures.heard(None)
    assert (hands.did, len(hands.sent)) == (["ask", "forget"], 1)


def test_what_nobody_waits_for_any_more_is_dropped(hands, pictures):
    """A picture that was taken too late never leaves the kiosk."""
    pictures.heard("17")
    hands.film = b"png"
    pictures.heard(None)
    pictures.heard("17")
    assert hands.sent == []


def test_after_a_broken_line_another_one_is_taken(hands, pictures):
    """What could not be sent is not kept; the next ack asks for a fresh one."""
    for error in (Unreachable("cut"), NotAnAck("404")):
        hands.film, hands.error = b"png", error
        with pytest.raises(type(error)):
            pictures.heard("17")
        pictures.heard("17")
    hands.film, hands.error = b"new", None
    pictures.heard("17")
    assert (hands.did, hands.sent) == (["ask", "ask"], [("17", b"new")])


def test_one_that_head_office_would_not_have_is_not_tried_again(hands, pictures):
    """A refusal ends it for that name; another name begins anew."""
    hands.film, hands.error = b"png", Refused("no PNG")
    pictures.heard("17")
    pictures.heard("17")
    assert hands.did == ["forget"]
    pictures.heard("18")
    assert hands.did == ["forget", "ask"]
