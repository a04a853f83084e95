"""A card with answers that wait is copied, or put into another machine: nothing is doubled or lost."""

import shutil
from argparse import Namespace
from collections import Counter

import pytest

from kiosk import bootstrap, commands
from kiosk.report import status
from kiosk.settings.file import load
from kiosk.store.export import export
from kiosk.store.problems import Elsewhere
from kiosk.store.residence import Machine
from tests.e2e.fleet import ROOT

CONFIG = ROOT / "config.toml"


class Card:
    """A data directory in some machine, worked on by the kiosk's own commands in this process."""

    def __init__(self, data, board, monkeypatch):
        self.data, self.board, self._monkeypatch = data, board, monkeypatch

    def _put_in(self):
        self._monkeypatch.setattr("kiosk.bootstrap.machine", lambda: Machine(board=self.board))

    def _do(self, command, **asked):
        self._put_in()
        return commands.COMMANDS[command](Namespace(config=CONFIG, data=self.data, **asked))

    def enrol(self, shop, *, moved=False):
        code = shop.office.run("enrol-code", shop.site, "--touchpoint", "checkout")
        given = {"code": code, "name": self.board, "insecure": False, "moved": moved}
        self._do("enrol", address=f"http://127.0.0.1:{shop.office.port}", **given)

    def shoppers(self, visits, seed):
        self._do("simulate", visits=visits, seed=seed, rate=None)

    def drain(self):
        self._put_in()
        return bootstrap.drain(load(CONFIG), self.data)

    def copy(self, board):
        folder = self.data.parent / board
        shutil.copytree(self.data, folder)
        return Card(folder, board, self._monkeypatch)

    def answers(self):
        """Each answer by its number here: which visit gave it to which question."""
        taps = export(self.data, lambda _: None)
        return {(tap.ledger, tap.seq): (tap.visit, tap.question) for tap in taps}


@pytest.fixture
def card(shop, monkeypatch):
    """An enrolled card whose first answers are settled and whose next ones wait."""
    card = Card(shop.folder / "first", "first", monkeypatch)
    card.enrol(shop)
    card.shoppers(3, "settled")
    assert card.drain() == 0
    card.shoppers(4, "waiting")
    return card


def test_copied_and_moved_cards_double_and_lose_nothing(shop, card):
    """Both cards have the same answers waiting; the copy sends none of them, says so, and enrols anew."""
    copy = card.copy("second")
    copy.shoppers(2, "at the second")
    card.shoppers(2, "at the first")
    made = {**card.answers(), **copy.answers()}
    before = len(shop.feed())
    with pytest.raises(Elsewhere, match="enrolled in another machine"):
        copy.drain()
    assert len(shop.feed()) == before
    copy.enrol(shop)
    copy.shoppers(1, "later at the second")
    made |= copy.answers()
    assert copy.drain() == 0  # before the first: its waiting answers are at nobody's yet
    assert card.drain() == 0
    counts = Counter((tap["visit"], tap["question"]) for tap in shop.feed())
    assert counts == Counter(made.values())

    card.shoppers(3, "before it broke")
    made |= card.answers()
    moved = card.copy("third")  # the first machine is gone for good
    moved.enrol(shop, moved=True)
    moved.shoppers(1, "at the third")
    made |= {number: answer for number, answer in moved.answers().items() if number not in made}
    assert moved.drain() == 0
    counts = Counter((tap["visit"], tap["question"]) for tap in shop.feed())
    assert counts == Counter(made.values())
    told = status(moved.data)
    assert (told["elsewhere"], told["pending"]) == (False, 0)
