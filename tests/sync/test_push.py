"""A tap leaves the outbox only on head office's word about it, and every tap comes to be decided."""

import json
import random

import pytest

from sync import contract
from sync.client import Client
from sync.clocks import Clocks
from sync.contract import Rejected, Withheld
from sync.errors import NotAnAck, Offline, RefusesAll, SurveyStuck, SyncError, TooSlow, Unreachable
from sync.push import Push
from tests.sync.faulty_server import (
    Response,
    answer,
    cut,
    hang_up,
    lost,
    reset,
    served,
    silence,
    twice,
)
from tests.sync.memory import HEALTH, SENT, MemoryOutbox
from tests.sync.office import KEY, problem

SURVEY = "3fa9c1d2e4b5"


def drain(push, most=200):
    """Exchange until nothing waits."""
    for _ in range(most):
        if not push.exchange().more:
            return
    raise AssertionError("the outbox never drains")


def batches(server):
    """Every batch of taps that went up, as (first, how many)."""
    taps = [json.loads(request.decoded) for request in server.requests if request.path == contract.TAPS]
    return [(batch["first"], len(batch["taps"])) for batch in taps]


def holds_all(office, outbox):
    """Whether head office holds every ledger's items as the outbox reads them, each once."""
    return all(
        office.ledgers.get(name, []) == [vars(item) for item in outbox.read(name, 1, len(ledger.taps))]
        for name, ledger in outbox.ledgers.items()
    )


def test_backlog_drains_batch_by_batch(push, outbox, server, office):
    """A backlog goes up in batches of the set size until all is settled."""
    outbox.add(20)
    drain(push)
    assert batches(server) == [(1, 8), (9, 8), (17, 4)]
    assert outbox.pending() == 0
    assert holds_all(office, outbox)


def test_what_staff_made_goes_up_before_any_tap_and_once(push, outbox, surveys, server, office):
    """An edit made offline is known at head office before any answer to it; a refused one stops no answer."""
    made = contract.Made(author="staff", at=7, base=None)
    surveys.documents = {SURVEY: {"id": "checkout"}, "refused": {"id": "broken"}}
    surveys.edits = [(SURVEY, made), ("refused", made)]
    office.refused_surveys = {"refused"}
    outbox.add(1)
    drain(push)
    push.exchange()
    paths = [request.path for request in server.requests]
    first = f"{contract.SURVEYS}/{SURVEY}?author=staff&at=7"
    assert (paths[0], paths.count(first)) == (first, 1)
    assert surveys.edits == [("refused", made)]
    assert outbox.pending() == 0


def test_heartbeat_goes_up_when_nothing_waits(push, server, office):
    """With an empty outbox an empty batch tells how the kiosk is."""
    exchanged = push.exchange()
    assert exchanged.more is False
    assert exchanged.ack.through == 0
    assert batches(server) == [(1, 0)]
    assert office.health["version"] == "0.1.0"


def test_clocks_and_health_are_asked_anew_for_every_batch(client, outbox, surveys, server):
    """What is told about the kiosk is as fresh as the batch that tells it."""
    asked = []
    push = Push(
        client,
        outbox,
        surveys,
        sent=lambda: asked.append("sent") or SENT,
        health=lambda: HEALTH,
        batch_taps=8,
    )
    outbox.add(16)
    drain(push)
    assert asked == ["sent", "sent"]


def test_rejected_taps_are_told_to_the_outbox(push, outbox, office):
    """What head office cannot count is settled, and known as rejected on both sides."""
    outbox.add(3)
    office.rejects = lambda item: "survey has no such question" if item["seq"] == 2 else None
    drain(push)
    assert outbox.told == [Rejected(2, "survey has no such question")]
    assert outbox.pending() == 0


@pytest.mark.parametrize("fault", [lost, cut])
def test_lost_answer_leads_to_the_same_taps_again_and_to_one_copy(push, outbox, server, office, fault):
    """When the answer is lost after head office's commit, the taps go up again and are held once."""
    outbox.add(5)
    server.plan(fault(office))
    with pytest.raises(Offline):
        push.exchange()
    assert outbox.pending() == 5
    drain(push)
    assert holds_all(office, outbox)


@pytest.mark.parametrize(
    "behaviour",
    [
        hang_up,
        reset,
        answer(200, b"<html>"),
        answer(200, b'{"ok":true}'),
        answer(204),
        answer(302, Location="/"),
        answer(511),
        answer(401),
        answer(403),
        answer(404),
        answer(409),
        answer(429),
        answer(500),
        answer(503),
    ],
)
def test_nothing_is_settled_without_an_ack(push, outbox, server, office, behaviour):
    """Whatever answers instead of head office, not one tap is let go, changed or withheld."""
    outbox.add(5)
    server.plan(behaviour)
    with pytest.raises(SyncError):
        push.exchange()
    assert (outbox.pending(), outbox.open.withheld, list(outbox.ledgers)) == (5, {}, ["ledger-1"])
    drain(push)
    assert holds_all(office, outbox)


def test_half_decided_batch_goes_on_from_there(push, outbox, server, office):
    """An ack that decides only some of the taps settles those, and the rest goes up next."""
    outbox.add(5)

    def only_two(request):
        document = json.loads(office(request).body) | {"through": 2}
        return Response(200, json.dumps(document).encode())

    server.plan(served(only_two))
    assert push.exchange().more
    assert outbox.open.settled_through == 2
    drain(push)
    assert batches(server) == [(1, 5), (3, 3)]


def test_ack_that_decides_nothing_is_a_failure(push, outbox, server, office):
    """A head office that takes nothing is not asked again at once, for ever."""
    outbox.add(5)

    def none(request):
        document = json.loads(office(request).body) | {"through": 0}
        return Response(200, json.dumps(document).encode())

    server.plan(served(none))
    with pytest.raises(NotAnAck, match="took none"):
        push.exchange()


class TestGap:
    def test_restored_head_office_is_refilled(self, push, outbox, office):
        """A head office that was restored from a backup names a lower number and gets the rest again."""
        outbox.add(20)
        drain(push)
        del office.ledgers["ledger-1"][3:]
        drain(push)
        assert holds_all(office, outbox)

    def test_heartbeat_alone_finds_the_gap(self, push, outbox, office):
        """Even with nothing waiting, an empty batch is enough to learn that head office lost taps."""
        outbox.add(5)
        drain(push)
        office.ledgers.clear()
        assert push.exchange().more
        assert outbox.pending() == 5
        drain(push)
        assert holds_all(office, outbox)

    @pytest.mark.parametrize("through", [-1, 5, 6, 10**30])
    def test_nonsense_gap_moves_nothing(self, push, outbox, server, through):
        """A gap that lies not behind what is settled is no gap: offline, and the cursor stays."""
        outbox.add(5)
        drain(push)
        outbox.add(3)
        server.plan(served(lambda _: problem(409, "gap", through=through)))
        with pytest.raises(NotAnAck):
            push.exchange()
        assert outbox.open.settled_through == 5

    def test_gap_without_end_is_given_up(self, client, surveys, server):
        """A head office that names ever lower numbers and takes nothing does not keep the kiosk busy."""
        outbox = MemoryOutbox(100)
        outbox.settle("ledger-1", 90, [])
        push = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH)
        server.plan(*(served(lambda _, n=n: problem(409, "gap", through=n)) for n in range(88, 0, -1)))
        with pytest.raises(NotAnAck):
            drain(push)
        assert len(server.requests) < 50


class TestLookBack:
    """What is settled in a ledger that is closed, and lost at head office, is sent again too."""

    @pytest.fixture
    def clock(self):
        return Hands()

    @pytest.fixture
    def push(self, client, outbox, surveys, clock):
        clocks = Clocks(monotonic_s=lambda: clock.s)
        return Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, clocks=clocks)

    @pytest.fixture(autouse=True)
    def closed(self, push, outbox):
        """Three ledgers, two of them closed, all settled; looked back at once."""
        for count in (4, 5, 3):
            outbox.add(count)
            outbox.begin()
        outbox.add(2)
        drain(push)

    def test_gap_in_the_open_ledger_leads_to_the_closed_ones(self, push, outbox, office):
        """The heartbeat finds that head office was restored: everything that it lost is sent again."""
        del office.ledgers["ledger-1"][1:]
        for name in ("ledger-2", "ledger-3", "ledger-4"):
            del office.ledgers[name]
        drain(push)
        assert holds_all(office, outbox)

    def test_closed_ledger_alone_is_missed_within_a_day(self, push, outbox, office, clock):
        """A head office that lost closed ledgers only is refilled the next day, not before."""
        del office.ledgers["ledger-2"]
        drain(push)
        assert "ledger-2" not in office.ledgers
        clock.s += 24 * 60 * 60
        drain(push)
        assert holds_all(office, outbox)

    def test_start_looks_back_once(self, push, server):
        """After a start each closed ledger is asked about once; then only the open one."""
        asked = [json.loads(request.decoded) for request in server.requests]
        empty = [batch["ledger"] for batch in asked if not batch["taps"]]
        assert empty == ["ledger-1", "ledger-2", "ledger-3", "ledger-4"]
        drain(push)
        assert json.loads(server.requests[-1].decoded)["ledger"] == "ledger-4"
        assert len(server.requests) == len(asked) + 1

    @pytest.mark.parametrize("through", [0, 4])
    def test_ledger_that_became_anothers_stays_as_it_is(self, push, outbox, server, clock, through):
        """A kiosk that was enrolled anew is told its old ledgers are forked: that moves nothing, ever."""
        before = {name: len(ledger.taps) for name, ledger in outbox.ledgers.items()}
        for _ in range(2):
            clock.s += 24 * 60 * 60
            server.plan(*[served(lambda _: problem(409, "forked", same=through))] * 3)
            drain(push)
        assert {name: len(ledger.taps) for name, ledger in outbox.ledgers.items()} == before

    def test_refusal_to_look_back_does_not_stop_the_heartbeat(self, push, server, clock):
        """A head office that refuses to hear of a closed ledger still hears of the open one."""
        clock.s += 24 * 60 * 60
        server.plan(answer(400))
        with pytest.raises(NotAnAck):
            push.exchange()
        drain(push)
        assert json.loads(server.requests[-1].decoded)["ledger"] == "ledger-4"

    def test_look_back_that_was_not_heard_is_tried_again(self, push, outbox, server, office, clock):
        """Offline in the middle of looking back: it goes on where it was."""
        clock.s += 24 * 60 * 60
        del office.ledgers["ledger-1"]
        server.plan(hang_up)
        with pytest.raises(Unreachable):
            push.exchange()
        drain(push)
        assert holds_all(office, outbox)


class Hands:
    """A clock that is set by hand."""

    s = 0.0


class TestFork:
    def test_taps_after_the_fork_move_to_a_new_ledger(self, push, outbox, office):
        """When a cloned card filled our numbers, our taps go up again under a new ledger, none lost."""
        outbox.add(4)
        drain(push)
        clone = MemoryOutbox(4)
        clone.add(2, answer="sad")
        office.ledgers["ledger-1"] = [vars(item) for item in clone.read("ledger-1", 1, 6)]
        outbox.add(3)
        drain(push)
        assert list(office.ledgers) == ["ledger-1", "ledger-2"]
        assert len(office.ledgers["ledger-1"]) == 6
        assert len(office.ledgers["ledger-2"]) == 3
        assert outbox.pending() == 0

    def test_ledger_that_belongs_to_another_kiosk_is_left(self, push, outbox, server):
        """Head office may say that nothing of this ledger is ours: all of it moves."""
        outbox.add(3)
        server.plan(served(lambda _: problem(409, "forked", same=0)))
        drain(push)
        assert [len(ledger.taps) for ledger in outbox.ledgers.values()] == [0, 3]

    def test_what_both_hold_is_settled_by_the_fork(self, push, outbox, server, office):
        """Head office's "the same up to here" is its word about those taps: they do not go up again."""
        outbox.add(3)
        office.ledgers["ledger-1"] = [vars(item) for item in outbox.read("ledger-1", 1, 3)]
        server.plan(served(lambda _: problem(409, "forked", same=3)))
        drain(push)
        assert [len(ledger.taps) for ledger in outbox.ledgers.values()] == [3, 0]
        assert batches(server) == [(1, 3), (4, 0), (1, 0)]

    @pytest.mark.parametrize("same", [-1, 4, 10**30])
    def test_nonsense_fork_moves_nothing(self, push, outbox, server, same):
        """A fork beyond what was sent is none."""
        outbox.add(3)
        server.plan(served(lambda _: problem(409, "forked", same=same)))
        with pytest.raises(NotAnAck):
            push.exchange()
        assert list(outbox.ledgers) == ["ledger-1"]

    def test_fork_after_fork_does_not_pile_up_ledgers(self, push, outbox, server):
        """A head office that calls every ledger forked gets one new ledger for each try, not hundreds."""
        outbox.add(3)
        server.plan(*[served(lambda _: problem(409, "forked", same=0))] * 10)
        with pytest.raises(NotAnAck):
            drain(push)
        assert len(outbox.ledgers) == 2


class TestSurveys:
    def test_wanted_survey_goes_up_before_its_taps(self, push, outbox, surveys, server, office):
        """A survey made on the kiosk is given to head office when it asks, then its taps."""
        office.knows_every_survey = False
        surveys.documents[SURVEY] = {"id": "checkout"}
        outbox.add(3)
        drain(push)
        assert office.surveys == {SURVEY: {"id": "checkout"}}
        assert [request.method for request in server.requests] == ["POST", "PUT", "POST"]
        assert holds_all(office, outbox)

    def test_survey_that_is_nowhere_holds_its_taps_back_in_words(self, push, outbox, office):
        """A survey that the kiosk does not have is said; nothing is withheld, and it is tried again."""
        office.knows_every_survey = False
        outbox.add(3)
        for _ in range(3):
            with pytest.raises(SurveyStuck, match=f"{SURVEY}, which this kiosk does not have"):
                drain(push)
        assert (outbox.pending(), outbox.open.withheld) == (3, {})
        office.knows_every_survey = True
        drain(push)
        assert holds_all(office, outbox)

    def test_survey_that_is_refused_costs_no_tap(self, push, outbox, surveys, server, office):
        """A refused survey is not taken for a refused batch: no tap is bisected away."""
        office.knows_every_survey = False
        surveys.documents[SURVEY] = {"id": "checkout"}
        outbox.add(3)
        server.plan(served(office), served(lambda _: problem(400, "invalid", detail="version differs")))
        with pytest.raises(SurveyStuck, match="version differs"):
            drain(push)
        assert outbox.open.withheld == {}

    def test_survey_wanted_again_and_again_is_given_up(self, push, outbox, surveys, server):
        """A head office (or a page on the way) that forgets the survey at once is not given it for ever."""
        surveys.documents[SURVEY] = {"id": "checkout"}
        outbox.add(3)
        wants = served(lambda _: problem(409, "survey_wanted", surveys=[SURVEY]))
        server.plan(wants, answer(200, b"<html>"), wants)
        with pytest.raises(SurveyStuck, match="again"):
            drain(push)
        drain(push)
        assert outbox.pending() == 0

    def test_wish_for_what_no_tap_names_is_nonsense(self, push, outbox, server):
        """Head office may want only what the batch names: the version becomes part of a path."""
        outbox.add(3)
        server.plan(served(lambda _: problem(409, "survey_wanted", surveys=["../taps"])))
        with pytest.raises(NotAnAck):
            push.exchange()
        assert len(server.requests) == 1


class TestRefusal:
    @pytest.mark.parametrize("poison", [1, 2, 7, 8, 20])
    def test_poison_tap_is_found_and_withheld_alone(self, push, outbox, office, poison):
        """One tap that head office refuses whole is found by halving and withheld; all others arrive."""
        outbox.add(20)
        office.refuses = lambda item: item["seq"] == poison and "withheld" not in item
        drain(push)
        assert outbox.open.withheld == {poison: "refused"}
        assert office.ledgers["ledger-1"][poison - 1] == {"seq": poison, "withheld": "refused"}
        assert holds_all(office, outbox)

    def test_several_poison_taps_are_all_found(self, push, outbox, office):
        """Neighbours and loners among the poison are told apart from the good."""
        outbox.add(30)
        poison = {3, 4, 17, 30}
        office.refuses = lambda item: item["seq"] in poison and "withheld" not in item
        drain(push)
        assert set(outbox.open.withheld) == poison
        assert holds_all(office, outbox)

    def test_too_large_batch_is_halved_and_grows_again(self, push, outbox, server, office):
        """A head office that takes three taps at once gets them so; a larger batch is tried again later."""
        office.most_taps = 3
        outbox.add(20)
        drain(push)
        assert holds_all(office, outbox)
        assert outbox.open.withheld == {}
        office.most_taps = 10_000
        outbox.add(30)
        drain(push)
        assert batches(server)[-1][1] > 1
        assert max(count for _, count in batches(server)[-6:]) == 8

    def test_tap_too_large_alone_is_withheld(self, push, outbox, server, office):
        """A tap that is refused as too large even by itself is kept, and goes up as withheld."""
        outbox.add(2)
        server.plan(answer(413), *[answer(413), served(office)] * 3)
        drain(push)
        assert outbox.open.withheld == {1: "too large"}
        assert holds_all(office, outbox)

    def test_refusal_of_everything_costs_no_tap(self, push, outbox, server, office):
        """A page on the way that says 400 to all, or 413, makes the kiosk offline: no tap is withheld."""
        outbox.add(8)
        for status in (400, 413):
            server.plan(*[answer(status, b"<html>Bad Request</html>")] * 100)
            for _ in range(5):
                with pytest.raises(NotAnAck):
                    drain(push)
            assert outbox.open.withheld == {}
            server.forget()
        drain(push)
        assert holds_all(office, outbox)

    def test_head_office_that_refuses_every_tap_costs_a_handful(self, push, outbox, office):
        """It takes heartbeats but no tap: after five that is said, and no further tap is given up for it."""
        office.refuses = lambda item: "answer" in item
        outbox.add(60)
        for _ in range(20):
            with pytest.raises(RefusesAll, match="refuses one answer after another"):
                drain(push)
        assert len(outbox.open.withheld) == 5
        office.refuses = lambda item: item["seq"] in {20, 30, 31} and "answer" in item
        drain(push)
        assert sorted(outbox.open.withheld) == [1, 2, 3, 4, 5, 20, 30, 31]
        assert holds_all(office, outbox)

    def test_poison_behind_a_gap_is_found_too(self, push, outbox, office):
        """A head office that was restored and refuses the first tap we send still gets everything."""
        outbox.add(10)
        drain(push)
        outbox.add(1)
        office.refuses = lambda item: item["seq"] == 11 and "withheld" not in item
        del office.ledgers["ledger-1"][4:]
        drain(push)
        assert outbox.open.withheld == {11: "refused"}
        assert holds_all(office, outbox)

    def test_refused_withheld_is_said_and_not_repeated_at_once(self, push, outbox, office):
        """If even the word that a tap is withheld is refused, the kiosk says so and waits."""
        outbox.add(1)
        office.refuses = lambda item: True  # noqa: ARG005 - whatever it is
        with pytest.raises(NotAnAck):
            drain(push)
        assert outbox.pending() == 1


class TestSize:
    def test_batch_beyond_a_mebibyte_is_cut_to_fit(self, client, surveys, server, office):
        """A batch is cut so that its decoded body stays within the cap, and hardly smaller than need be."""
        outbox = MemoryOutbox()
        outbox.add(10, answer="あ" * 100_000)
        push = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH)
        drain(push)
        sizes = [len(request.decoded) for request in server.requests]
        assert max(sizes) <= contract.MAX_BODY_BYTES
        assert batches(server) == [(1, 3), (4, 3), (7, 3), (10, 1)]
        assert holds_all(office, outbox)

    def test_cut_is_exact_to_the_byte(self, client, surveys, server, office):
        """A batch that just fits is not cut, one byte more is."""
        outbox = MemoryOutbox()
        outbox.add(2, answer="x")
        push = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH)
        drain(push)
        spare = contract.MAX_BODY_BYTES - len(server.requests[-1].decoded)
        for more, expected in ((0, [(1, 2)]), (1, [(1, 1), (2, 1)])):
            server.requests.clear()
            office.ledgers.clear()
            big = MemoryOutbox()
            big.add(1, answer="x" * (1 + spare + more))
            big.add(1, answer="x")
            other = Push(client, big, surveys, sent=lambda: SENT, health=lambda: HEALTH)
            drain(other)
            assert batches(server) == expected
            assert max(len(request.decoded) for request in server.requests) <= contract.MAX_BODY_BYTES

    def test_tap_beyond_a_mebibyte_is_withheld_without_being_sent(self, push, outbox, server, office):
        """A lone tap that can never fit is kept, goes up as withheld, and its neighbours arrive."""
        outbox.add(1)
        outbox.add(1, answer="x" * (contract.MAX_BODY_BYTES + 1))
        outbox.add(1)
        drain(push)
        assert outbox.open.withheld == {2: "too large"}
        assert outbox.read("ledger-1", 2, 1) == [Withheld(2, "too large")]
        assert holds_all(office, outbox)
        assert max(len(request.decoded) for request in server.requests) <= contract.MAX_BODY_BYTES

    def test_answer_that_is_no_unicode_goes_the_way_of_poison(self, push, outbox, server, office):
        """Half a surrogate pair in an answer is refused by head office and withheld; nothing breaks here."""
        outbox.add(3, answer="ok")
        outbox.add(1, answer="\ud83d")
        outbox.add(1, answer="ok")

        def strict(request):
            try:
                request.decoded.decode("utf-8")
            except UnicodeDecodeError:
                return problem(400, "invalid")
            return office(request)

        server.plan(*[served(strict)] * 20)
        drain(push)
        assert outbox.open.withheld == {4: "refused"}

    def test_batch_is_never_larger_than_the_contract(self, client, outbox, surveys, server):
        """Whatever is set, a batch holds at most what the contract allows."""
        outbox.add(contract.MAX_TAPS + 1, answer=True)
        many = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, batch_taps=10**9)
        drain(many)
        assert max(count for _, count in batches(server)) <= contract.MAX_TAPS


def test_slow_line_gets_smaller_batches(server, outbox, surveys):
    """When a batch does not make it in time the next is smaller, so that a poor line drains too."""
    client = Client(server.address, KEY, deadline_s=0.2)
    push = Push(client, outbox, surveys, sent=lambda: SENT, health=lambda: HEALTH, batch_taps=400)
    outbox.add(1000)
    server.plan(silence)
    with pytest.raises(TooSlow):
        push.exchange()
    server.plan(hang_up)
    with pytest.raises(Unreachable):
        push.exchange()
    drain(push)
    client.close()
    assert [count for _, count in batches(server)][:5] == [400, 200, 100, 200, 400]


def test_every_tap_arrives_once_through_a_network_that_fails_half_the_time(push, outbox, server, office):
    """With faults at random, before and after head office's commit, it ends up with each tap once."""
    dice = random.Random(2026)  # noqa: S311 - dice of a test
    office.knows_every_survey = True
    faults = [
        hang_up,
        reset,
        lost(office),
        cut(office),
        twice(office),
        answer(200, b"<html>"),
        answer(204),
        answer(400),
        answer(413),
        answer(500),
        answer(503),
        answer(401),
        served(lambda _: problem(409, "gap", through=0)),
        served(lambda _: problem(409, "gap", through=7)),
    ]
    for _ in range(150):
        outbox.add(dice.randrange(4))
        server.plan(dice.choice(faults) if dice.random() < 0.5 else served(office))
        if dice.random() < 0.02:
            del office.ledgers.get("ledger-1", [])[dice.randrange(20) :]
        try:
            push.exchange()
        except SyncError:
            continue
    while not server.is_plan_done:
        try:
            push.exchange()
        except SyncError:
            continue
    drain(push)
    assert outbox.pending() == 0
    assert outbox.open.withheld == {}, "a refusal that is no head office's costs no tap"
    assert holds_all(office, outbox)
