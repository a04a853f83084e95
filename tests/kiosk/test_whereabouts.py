"""On which machine a card is: told from what the kernel says, never by guessing."""

import pytest

from kiosk.doctor.visit import Place, examine
from kiosk.report import status
from kiosk.store.enrolment import Enrolment, keep_enrolment
from kiosk.store.residence import Machine, brought, held_back, is_elsewhere, take_over
from kiosk.whereabouts import machine
from survey.told import Told

PI = "sys/firmware/devicetree/base/serial-number"
PC = "sys/devices/virtual/dmi/id/product_uuid"
ON_A_CARD = "/dev/mmcblk0p2 / ext4 rw 0 0\n"
SYSTEM = "3d1219c7c4c5404aaa1f6d2a48adfda4"
FIRST, SECOND = Machine(board="first"), Machine(board="second")


def made_of(root, files, mounts=ON_A_CARD):
    """A machine whose kernel says this."""
    for name, words in {**files, "proc/self/mounts": mounts}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(words, "utf-8")
    return machine(root)


def enrolled(kiosk="7", server="https://office.example"):
    given = {"key": "k", "site": "s", "touchpoint": "t", "timezone": "Asia/Tokyo"}
    return Enrolment(server=server, kiosk=kiosk, **given)


def test_a_board_is_known_by_its_number_and_never_by_a_row_of_zeros(tmp_path):
    """A Pi's number, a PC's; one that nobody gave is none, and the numbers themselves are kept nowhere."""
    pi = made_of(tmp_path / "pi", {PI: "10000000abcdef01\0", "etc/machine-id": SYSTEM})
    other = made_of(tmp_path / "other", {PI: "10000000abcdef02\0", "etc/machine-id": SYSTEM})
    assert pi.is_other_than(other)  # although the card was copied with its machine-id
    assert not pi.is_other_than(made_of(tmp_path / "again", {PI: "10000000ABCDEF01\0"}))
    assert "abcdef" not in repr(pi)
    assert made_of(tmp_path / "pc", {PC: "4C4C4544-0042-3510-8052-B4C04F4A4D32\n"}).board
    for number, words in enumerate(("0000000000000000", "FFFFFFFF-FFFF-FFFF", "Default string", "")):
        assert made_of(tmp_path / str(number), {PC: words}) == Machine()


@pytest.mark.parametrize(
    ("mounts", "known"),
    [
        (ON_A_CARD, True),
        ("overlay / overlay rw 0 0\n", False),
        (f"{ON_A_CARD}tmpfs /etc/machine-id tmpfs ro 0 0\n", False),
        ("", True),
    ],
)
def test_a_number_that_does_not_outlive_a_start_is_none(tmp_path, mounts, known):
    """A root in memory may get a new machine-id with each start: that is no other machine."""
    assert bool(made_of(tmp_path, {"etc/machine-id": SYSTEM}, mounts).system) is known


def test_what_nobody_can_tell_is_no_other_machine():
    """Without a number on either side nothing is said; the board's word goes before the system's."""
    nobody = Machine()
    assert not any((nobody.is_other_than(FIRST), FIRST.is_other_than(nobody), nobody.is_other_than(nobody)))
    assert Machine(system="a").is_other_than(Machine(system="b"))
    assert not Machine(board="x", system="a").is_other_than(Machine(board="x", system="b"))
    assert not Machine(board="x").is_other_than(Machine(system="b"))


def test_a_card_that_comes_back_or_cannot_tell_goes_on_as_before(till):
    """Only another machine that is known ends an enrolment; back in its own the card sends all again."""
    store = till.open()
    store.arrive(Machine())
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled())
    first = till.tap(store, 2)[0].ledger
    for here, elsewhere in (
        (FIRST, False),
        (Machine(), False),
        (SECOND, True),
        (Machine(), True),
        (FIRST, False),
    ):
        store.arrive(here)
        with store.database.read() as reader:
            assert is_elsewhere(reader) is elsewhere, here
            assert held_back(reader) == set()  # nobody else is enrolled
        till.tap(store, 1)
    assert store.outbox.pending() == 7
    assert store.outbox.head().ledger == first
    with store.database.read() as reader:
        assert len(brought(reader)) == 2


def test_another_kiosk_holds_back_what_a_replacing_one_sends(till):
    """Enrolled as another kiosk it leaves the ledger to the other machine, and says so; as the same, not."""
    store = till.open()
    store.arrive(FIRST)
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled("7"))
    first = till.tap(store, 2)[0].ledger
    store.arrive(SECOND)
    store.arrive(SECOND)  # the next start
    second = till.tap(store, 1)[0].ledger
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled("8"))
    assert (store.outbox.pending(), store.outbox.head().ledger) == (1, second)
    (told,) = status(till.folder)["problems"]
    assert isinstance(told, Told)
    assert told.startswith("2 answers of another machine are kept and not sent")
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled("7", "https://office.example/"))
    assert (store.outbox.pending(), store.outbox.head().ledger) == (3, first)
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled("8"))
        take_over(writer)
    assert (store.outbox.pending(), status(till.folder)["problems"]) == (3, [])


def test_doctor_and_status_say_so(till, tmp_path, monkeypatch):
    """Before the first start on the copy, and after it; head office is not asked with the other's key."""
    store = till.open()
    store.arrive(FIRST)
    with store.database.write() as writer:
        keep_enrolment(writer, enrolled(server="http://127.0.0.1:1"))
    store.close()
    monkeypatch.setattr("kiosk.doctor.visit.machine_here", lambda _root: SECOND)
    place = Place(config=tmp_path / "config.toml", data=till.folder, assets=tmp_path, environ={})
    for _ in range(2):
        found = examine(place)[-1]
        assert (found.matter, found.verdict, "another machine" in found.words) == ("head office", "bad", True)
        assert "new code" in found.mend
        store = till.open()
        store.arrive(SECOND)
        store.close()
    assert status(till.folder)["elsewhere"] is True
    assert "nothing is sent until it is enrolled again here" in status(till.folder)["problems"][0]
