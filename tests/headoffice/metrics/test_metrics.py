"""The metrics against their definitions."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headoffice.intervals import share
from headoffice.metrics import METRICS, SCORES, add, ces, csat, easy_share, happy_index, nps, slot


@pytest.mark.parametrize(
    ("counts", "satisfied"),
    [((1, 2, 4), 4), ((1, 1, 1, 2, 3), 5), ((1, 1, 1, 1, 1, 2, 3), 5)],
)
def test_csat_counts_the_top_answers(counts, satisfied):
    """Satisfied are happy of three faces, 4 and 5 of five, 6 and 7 of seven."""
    metric = METRICS["csat"]

    got = metric.estimate(metric.fold(counts))

    assert got == share(satisfied, sum(counts))


LENGTHS = {"csat": (3, 5, 7), "happy_index": (3,), "nps": (11,), "ces": (7,), "expectation_gap": (3, 11)}


@given(data=st.data(), name=st.sampled_from(sorted(METRICS)))
def test_the_database_may_fold(data, name):
    """Whatever the answers, each bucket is the sum of the slots that are named for it."""
    metric = METRICS[name]
    slots = data.draw(st.sampled_from(LENGTHS[name]))
    counts = data.draw(st.lists(st.integers(0, 10**6), min_size=slots, max_size=slots))

    folded = metric.fold(counts)

    assert folded == tuple(sum(counts[slot] for slot in bucket) for bucket in metric.sums(slots))


def test_nps_by_hand():
    """Of 100 answers with 26 up to 6 and 38 of 9 and 10 the score is +12, its error as worked by hand."""
    metric = METRICS["nps"]
    counts = (1, 2, 3, 4, 5, 6, 5, 16, 20, 30, 8)

    got = metric.estimate(metric.fold(counts))

    assert metric.fold(counts) == (26, 36, 38)
    assert got.n == 100
    assert got.value == pytest.approx(12.0)
    assert got.high - got.value == pytest.approx(196 * ((0.64 - 0.0144) / 100) ** 0.5, rel=1e-3)


def test_happy_index_is_the_mean_of_the_faces():
    """Sad 0, neutral 50, happy 100: 14, 23 and 63 of a hundred give 74.5."""
    got = happy_index((14, 23, 63))

    assert got.value == pytest.approx(74.5)
    assert got.low < 74.5 < got.high


def test_ces_is_the_mean_and_the_share_of_easy():
    """Seven answers from 1 to 7 have mean 4, and three of the seven said 5 or more."""
    counts = (1, 1, 1, 1, 1, 1, 1)

    assert ces(counts).value == pytest.approx(4.0)
    assert easy_share(counts) == share(3, 7)
    assert METRICS["ces"].also["easy"](counts) == share(3, 7)


@given(
    st.lists(st.integers(0, 50), min_size=3, max_size=3), st.lists(st.integers(0, 50), min_size=3, max_size=3)
)
def test_buckets_add_up(first, second):
    """Folding two sites and adding them is the same as folding them together."""
    together = [a + b for a, b in zip(first, second, strict=True)]
    for metric in (METRICS["csat"], METRICS["happy_index"]):
        assert add(metric.fold(first), metric.fold(second)) == metric.fold(together)


def test_the_gap_is_the_predicted_share_minus_the_said_one():
    """Eight of ten predicted and six of ten happy is a gap of 0.2; without one of the two there is none."""
    gap = METRICS["expectation_gap"]
    faces, predictions = gap.fold((10, 10, 30)), gap.fold((0,) * 8 + (2, 0, 0))
    found = gap.estimate(add(faces, predictions))
    assert (found.n, found.value) == (50, pytest.approx(0.2))
    assert found.low < 0.2 < found.high
    assert gap.estimate(faces).value is None
    assert gap.estimate(predictions).value is None
    assert not gap.is_whole(faces)
    assert not gap.is_whole(predictions)


def test_no_answers_anywhere():
    """Each metric of nothing is nothing."""
    for metric in METRICS.values():
        assert metric.estimate(metric.nothing).value is None
        assert metric.estimate(metric.nothing).n == 0


def test_every_value_is_within_its_bounds():
    """Whatever three shoppers answer, each metric lies within the bounds it names."""
    for metric in (METRICS[name] for name in SCORES):
        for chosen in product(range(len(metric.parts)), repeat=3):
            got = metric.estimate([chosen.count(place) for place in range(len(metric.parts))])
            assert metric.bounds[0] <= got.low <= got.value <= got.high <= metric.bounds[1]


@pytest.mark.parametrize(
    ("kind", "lowest", "answer", "place"),
    [
        ("faces", 0, "sad", 0),
        ("faces", 0, "happy", 2),
        ("faces", 0, "furious", None),
        ("scale", 0, 10, 10),
        ("stars", 1, 5, 4),
        ("scale", 0, None, None),
        ("scale", 0, True, None),
        ("choice", 0, ["queue"], None),
    ],
)
def test_slot_of_an_answer(kind, lowest, answer, place):
    """An answer's place among its question's counts is as DESIGN says, and a skipped one has none."""
    assert slot(kind, lowest, answer) == place


def test_confidence_can_be_chosen():
    """A higher confidence gives a wider interval of the same value."""
    for formula, counts in ((csat, (40, 60)), (nps, (20, 30, 50)), (happy_index, (9, 9, 9)), (ces, (2,) * 7)):
        usual, strict = formula(counts), formula(counts, confidence=0.999)
        assert usual.value == strict.value
        assert strict.low < usual.low < usual.high < strict.high
