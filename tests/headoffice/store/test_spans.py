from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from headoffice.store import rolled
from headoffice.store.spans import A_DAY, DAY, MONTH, WEEK, cover, names_with, spans_with

FIRST = date(2025, 12, 20)
DAYS = [FIRST + A_DAY * step for step in range(120)]
WHOLE = {name for day in DAYS for name in names_with(day)}
KINDS = (DAY, WEEK, MONTH)


def days_of(made_up):
    """Every day of a cover, spans and bounded ranges; each as often as it is covered."""
    parts = [*made_up.spans, *(each for each in made_up.rest if each.first and each.end)]
    return sorted(each.first + A_DAY * step for each in parts for step in range((each.end - each.first).days))


@given(
    missing=st.sets(st.sampled_from(DAYS), max_size=5),
    begins=st.integers(-20, 130),
    lasts=st.integers(1, 130),
    kinds=st.sampled_from([KINDS, (DAY, MONTH), (DAY, WEEK), (DAY,)]),
)
def test_a_period_is_covered_once_by_what_can_be_had(missing, begins, lasts, kinds):
    """Whatever changed since, spans and rest together are each day of the period, and each day once."""
    had = WHOLE - {name for day in missing for name in names_with(day)}
    first = FIRST + A_DAY * begins
    end = first + A_DAY * lasts
    made_up = cover(first, end, had=had, kinds=kinds)
    assert days_of(made_up) == [first + A_DAY * step for step in range(lasts)]
    assert {span.name for span in made_up.spans} <= had


def test_a_period_is_made_up_of_few_spans():
    """Months go before weeks and days; a week that would break a month that follows is left."""
    made_up = cover(date(2025, 12, 29), date(2026, 3, 10), had=WHOLE, kinds=KINDS)
    names = [span.name for span in made_up.spans]
    assert names == [
        "2025-12-29",
        "2025-12-30",
        "2025-12-31",
        "2026-01",
        "2026-02",
        "2026-03-01",
        "2026-W10",
        "2026-03-09",
    ]
    assert made_up.rest == ()
    assert cover(None, None, had=WHOLE, kinds=KINDS).rest == ((None, FIRST), (DAYS[-1] + A_DAY, None))
    assert cover(FIRST, None, had=(), kinds=KINDS).rest == ((FIRST, None),)


def test_spans_are_named_and_found_by_their_names():
    """Each name leads back to its days, across years; days at the ends of time have names too."""
    for day in (*DAYS, date(2020, 12, 31), date(2026, 1, 1)):
        for span in spans_with(day):
            assert rolled.named(span.name) == span
            assert span.first <= day < span.end
    assert names_with(date.max) == ("9999-12-31", "9999-W52", "9999-12")
    assert names_with(date.min + timedelta(days=7)) == ("0001-01-08", "0001-W02", "0001-01")
