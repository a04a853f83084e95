"""The metrics API against a recount of the taps."""

import pytest

from headoffice.metrics import SCORES
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.results import recount
from tests.headoffice.results.asking import client_of

BY = (
    (),
    ("site",),
    ("site", "day"),
    ("touchpoint", "weekday"),
    ("survey", "question"),
    ("version",),
    ("week",),
    ("month", "site"),
    ("hour",),
    ("language", "site"),
    ("kiosk",),
    ("question", "site", "hour"),
)


def ask(client, **parameters):
    answer = client.get("/api/v1/metrics", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(answer, by):
    return {tuple(row["by"][name] for name in by): (row["n"], row["value"]) for row in answer["rows"]}


@pytest.mark.parametrize("metric", SCORES)
@pytest.mark.parametrize("by", BY, ids=",".join)
def test_equals_a_recount_of_the_taps(town, api, metric, by):
    """Every n and value by every column is what counting the taps again by hand gives."""
    answer = ask(api, metric=metric, by=",".join(by))

    expected = recount.grouped(town.answers, metric, by)
    assert found(answer, by).keys() == expected.keys()
    for key, (n, value) in found(answer, by).items():
        assert n == expected[key][0]
        assert value == pytest.approx(expected[key][1])


def test_answer_has_the_agreed_form(api):
    """The answer names metric, definition, filter and period; a row all of its fields."""
    answer = ask(api, metric="csat", **{"from": "2026-01-01"})

    assert {name: answer[name] for name in ("metric", "definition", "filter", "from", "to")} == {
        "metric": "csat",
        "definition": "csat/1",
        "filter": "v1",
        "from": "2026-01-01",
        "to": None,
    }
    (row,) = answer["rows"]
    assert row.keys() == {"by", "n", "value", "low", "high", "unfiltered", "suppressed"}
    assert row["by"] == {}
    assert row["unfiltered"] == {"n": row["n"], "value": row["value"]}
    assert row["low"] < row["value"] < row["high"]
    assert row["suppressed"] is False


def test_ces_tells_the_share_of_easy_too(town, api):
    """With CES each row has the share of 5 to 7, with its interval."""
    (row,) = ask(api, metric="ces")["rows"]

    given = [value for _, value in recount.counted(town.answers, "ces")]
    assert row["easy"]["value"] == pytest.approx(sum(value >= 5 for value in given) / len(given))
    assert row["easy"]["low"] < row["easy"]["value"] < row["easy"]["high"]


def test_from_is_included_and_to_is_not(town, api):
    """A period of one day holds that local day of each site and nothing of the next."""
    days = sorted({row["day"] for row in town.answers})
    answer = ask(api, metric="csat", by="site,day", **{"from": days[3], "to": days[4]})

    expected = recount.grouped(
        [row for row in town.answers if row["day"] == days[3]], "csat", ("site", "day")
    )
    assert {key: n for key, (n, _) in found(answer, ("site", "day")).items()} == {
        key: n for key, (n, _) in expected.items()
    }


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({"site": "渋谷店"}, lambda row: row["timezone"] == "Asia/Tokyo"),
        ({"site": "渋谷店,St. John's"}, lambda row: row["timezone"] != "Pacific/Chatham"),
        ({"touchpoint": "returns"}, lambda row: row["touchpoint"] == "returns"),
        ({"question": "stars,again"}, lambda row: row["question"] in {"stars", "again"}),
        ({"language": "en"}, lambda row: row["language"] == "en"),
        (
            {"language": "en,fr", "site": "渋谷店", "question": "rating"},
            lambda row: (row["language"], row["timezone"], row["question"]) == ("en", "Asia/Tokyo", "rating"),
        ),
        ({"survey": "checkout", "question": "rating"}, lambda row: row["question"] == "rating"),
    ],
)
def test_filters(town, api, parameters, holds):
    """A filter leaves exactly the answers it names."""
    (row,) = ask(api, metric="csat", **parameters)["rows"]

    rows = [each for each in town.answers if holds(each)]
    n, value = recount.grouped(rows, "csat", ())[()]
    assert (row["n"], row["value"]) == (n, pytest.approx(value))


def test_a_language_stands_for_its_column(api, reader):
    """What a language's filter tells is its line by language, for an administrator's eyes and for others'."""
    for client in (api, reader):
        for row in ask(client, metric="csat", by="site,language")["rows"]:
            filtered = ask(client, metric="csat", by="site", language=row["by"]["language"])["rows"]
            [same] = [each for each in filtered if each["by"]["site"] == row["by"]["site"]]
            assert same == {**row, "by": same["by"]}
    tallies = api.get("/api/v1/tallies", params={"language": "en"}).json()["tallies"]
    assert {tally["language"] for tally in tallies} == {"en"}
    refused(api.get("/api/v1/tallies", params={"language": "en", "grain": "hour"}), 400, "invalid")


def test_a_site_by_id_and_a_survey_by_version(town, api):
    """A site may be named by its id, a survey by one version, which leaves out the other versions."""
    rows = town.answers
    site, version = rows[0]["site"], rows[-1]["version"]
    (row,) = ask(api, metric="csat", site=site, survey=version)["rows"]

    wanted = [each for each in rows if each["site"] == site and each["version"] == version]
    assert row["n"] == recount.grouped(wanted, "csat", ())[()][0]


def test_weekdays_stand_in_their_order(api):
    """Rows by weekday begin with Monday, and rows by hour count upwards."""
    weekdays = [row["by"]["weekday"] for row in ask(api, metric="csat", by="weekday")["rows"]]
    hours = [row["by"]["hour"] for row in ask(api, metric="csat", by="hour")["rows"]]

    order = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert weekdays == [day for day in order if day in weekdays]
    assert hours == sorted(hours)


def test_a_later_answer_takes_the_place_of_the_first(small):
    """Of a visit that went back only the last answer is counted, in whichever batch it came."""
    first = {"visit": new_id(), "survey": small.version}
    small.kiosk.acked([tap(1, answer="sad", **first)])
    small.kiosk.acked([tap(2, answer="happy", **first)])

    with client_of(small, "admin") as client:
        (row,) = ask(client, metric="csat")["rows"]

    assert (row["n"], row["value"]) == (1, 1.0)


def test_faults_come_all_at_once_with_the_mend(api):
    """Every wrong parameter is named with its place, and a near miss with what was meant."""
    answer = api.get(
        "/api/v1/metrics",
        params={
            "metric": "csta",
            "by": "sites,dya",
            "from": "21.11.2026",
            "site": "渋谷",
            "survey": "chekout",
            "question": "ratings",
            "touchpoint": "return",
            "form": "csv",
        },
    )

    faults = {fault["place"]: fault["message"] for fault in refused(answer, 400, "invalid")["faults"]}
    assert 'did you mean "csat"?' in faults["metric"]
    assert "2026-11-21" in faults["from"]
    assert 'did you mean "渋谷店"?' in faults["site"]
    assert 'did you mean "checkout"?' in faults["survey"]
    assert 'did you mean "rating"?' in faults["question"]
    assert 'did you mean "returns"?' in faults["touchpoint"]
    assert 'did you mean "format"?' in faults["form"] or 'did you mean "from"?' in faults["form"]
    assert len(answer.json()["faults"]) == 9


@pytest.mark.parametrize(
    ("parameters", "place"),
    [
        ({}, "metric"),
        ({"metric": "csat", "from": "2026-11-21", "to": "2026-11-21"}, "to"),
        ({"metric": "csat", "by": "hour,language"}, "by"),
        ({"metric": "csat", "by": "hour", "language": "ja"}, "language"),
        ({"metric": "csat", "language": "Japanese"}, "language"),
        ({"metric": "expectation_gap", "language": "ja"}, "language"),
        ({"metric": ["csat", "nps"]}, "metric"),
        ({"metric": "csat", "to": "2026-02-30"}, "to"),
        ({"metric": "csat\u0000"}, "metric"),
        ({"metric": "csat", "site": "99999999999999999999"}, "site"),
    ],
)
def test_what_cannot_be_asked(api, parameters, place):
    """A missing, doubled, empty or impossible parameter is a fault of its own, never a 5xx."""
    told = refused(api.get("/api/v1/metrics", params=parameters), 400, "invalid")

    assert [fault["place"] for fault in told["faults"]] == [place]


def test_happy_is_another_name(api):
    """`happy` is understood as the happy index, whose own name the answer tells."""
    assert ask(api, metric="happy")["metric"] == "happy_index"


def test_nothing_in_the_period_is_one_row_of_nothing(api):
    """Without `by` a period without answers is n 0 and no value, with `by` it is no row."""
    empty = {"from": "2001-01-01", "to": "2001-01-02"}

    (row,) = ask(api, metric="nps", **empty)["rows"]
    assert (row["n"], row["value"], row["low"], row["high"], row["suppressed"]) == (
        0,
        None,
        None,
        None,
        False,
    )
    assert ask(api, metric="nps", by="site", **empty)["rows"] == []
