"""The overview in a real browser: the same numbers as the API, live, harmless, and in its place."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest

from headoffice.metrics import METRICS, add
from headoffice.work import access
from tests.headoffice.kiosk_side import new_id, tap
from tests.headoffice.pages.conftest import XSS
from tests.headoffice.pages.layout import overflowing, overlapping
from tests.headoffice.results.asking import client_of, send_faces

WIDTHS = (390, 820, 1440)
SCORES = ("csat", "happy_index", "nps")


def today(office):
    """What the API says of today's faces at each site, added up over the sites' own days."""
    with client_of(office, "admin") as client:
        zones = {each["site"]: each["timezone"] for each in client.get("/api/v1/sites").json()["sites"]}
        rows = client.get("/api/v1/tallies", params={"question": "rating"}).json()["tallies"]
    counts = [0, 0, 0]
    for row in rows:
        if row["day"] == str(local_date(zones[row["site"]])):
            counts = [count + row[f"c{face}"] for face, count in enumerate(counts)]
    return counts


def local_date(zone):
    """Today's date there."""
    return dt.datetime.now(ZoneInfo(zone)).date()


def last_week(client, metric, **more):
    """The metric over each site's last seven local days, from the tallies of the API."""
    definition, question = METRICS[metric], "recommend" if metric == "nps" else "rating"
    slots, total = 11 if metric == "nps" else 3, METRICS[metric].nothing
    for site in client.get("/api/v1/sites").json()["sites"]:
        last = local_date(site["timezone"])
        period = {"from": str(last - dt.timedelta(days=6)), "to": str(last + dt.timedelta(days=1))}
        params = {"site": site["site"], "question": question, **period, **more}
        for row in client.get("/api/v1/tallies", params=params).json()["tallies"]:
            total = add(total, definition.fold([row[f"c{slot}"] for slot in range(slots)]))
    estimate = definition.estimate(total)
    return {"n": estimate.n, "value": estimate.value, "low": estimate.low, "high": estimate.high}


def faces_on(page):
    card = page.locator("[data-faces]")
    return [int(card.get_attribute(f"data-{face}")) for face in ("sad", "neutral", "happy")]


def test_shows_the_numbers_of_the_api(office, look):
    """Each score on the page is what the API answers for the same days, and the faces are today's."""
    page = look(office)

    with client_of(office, "admin") as client:
        for metric in SCORES:
            card = page.locator(f"[data-metric={metric}]")
            found = {
                name: float(card.get_attribute(f"data-{name}")) for name in ("n", "value", "low", "high")
            }
            expected = last_week(client, metric)
            assert found == pytest.approx(expected), metric
            assert f"{expected['n']:,.0f} 件" in card.inner_text()
    assert faces_on(page) == today(office)
    assert page.complaints == []


def test_a_language_is_chosen_by_keys_and_stays_while_it_is_live(office, look):
    """By keys alone the overview is of one language, by its address, as the API counts, and stays so."""
    page = look(office, language="en")
    page.locator("#filter-language").focus()
    page.keyboard.press("E")
    page.wait_for_url("**/?language=en")
    with client_of(office, "admin") as client:
        expected = last_week(client, "csat", language="en")
    assert float(page.locator("[data-metric=csat]").get_attribute("data-n")) == expected["n"] > 0
    assert page.get_attribute("#content", "data-live") == "/live/overview?language=en"
    shown = page.evaluate("async () => (await fetch(document.querySelector('#content').dataset.live)).text()")
    assert f'data-metric="csat" data-n="{expected["n"]}"' in shown
    assert page.complaints == []


def test_a_new_batch_shows_without_loading_again(office, opened, look):
    """A tap that arrives shows within seconds, in the counts and in the list, and open tables stay open."""
    page = look(office)
    before = faces_on(page)
    page.evaluate("window.notLoadedAgain = true")
    page.locator("#table-faces summary").click()
    sender = opened(office, "新しい店")

    sender.acked([tap(1, visit=new_id(), survey=office.version, answer="sad")])
    page.wait_for_selector(f'[data-faces][data-sad="{before[0] + 1}"]', timeout=10_000)

    assert faces_on(page) == [before[0] + 1, *before[1:]]
    assert "新しい店" in page.locator(".latest li").first.inner_text()
    assert page.evaluate("window.notLoadedAgain")
    assert page.locator("#table-faces").get_attribute("open") is not None
    assert page.complaints == []


def test_an_unchanged_page_is_not_sent_again(office, look):
    """As long as nothing arrives the page asks, is told 304, and shows that it is live."""
    page = look(office)
    with page.expect_response(lambda answer: "/live/overview" in answer.url, timeout=10_000) as asked:
        pass

    assert asked.value.status in {200, 304}
    with page.expect_response(lambda answer: answer.status == 304, timeout=10_000):
        pass
    assert not page.locator("#stale").is_visible()


def test_a_lost_connection_is_told(office, look):
    """When head office cannot be reached the page says so, and takes it back when it can."""
    page = look(office)
    page.route("**/live/overview", lambda route: route.abort())
    page.wait_for_selector("#stale:not([hidden])", timeout=10_000)
    page.unroute("**/live/overview")

    page.wait_for_selector("#stale", state="hidden", timeout=10_000)


def test_an_ended_session_leads_to_the_door(office, look):
    """When the session is over, a page that is open goes to the sign-in page by itself."""
    page = look(office)
    page.context.clear_cookies()

    page.wait_for_url("**/sign-in", timeout=10_000)


def test_an_attack_in_a_sites_name_is_just_a_name(office, look):
    """A site named like a script shows its name as text, runs nothing and breaks nothing."""
    page = look(office)

    assert XSS in page.locator(".sites").inner_text()
    assert page.locator("main script, main img").count() == 0
    assert page.complaints == []


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_everything_stands_in_its_place(office, look, width, language):
    """At every width nothing leaves its card or lies on another, in either language."""
    page = look(office, width=width, language=language, scheme="dark" if language == "en" else "light")

    assert overflowing(page) == []
    assert overlapping(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_empty_page_says_what_to_do_next(empty, look, width):
    """Before the first tap the page names the next commands, with this head office's own address."""
    page = look(empty, width=width, language="en")
    text = page.locator(".empty").inner_text()

    assert "done" in text
    assert "python -m headoffice enrol-code Shibuya --touchpoint checkout" in text
    assert f"python -m kiosk enrol {empty.url} CODE" in text
    assert overflowing(page) == []
    assert page.complaints == []


def test_managers_see_the_last_visits_of_their_own_stores(empty, opened, look):
    """However many come in elsewhere, a manager sees those of their store, and no commands."""
    own, other = opened(empty, "一号店"), opened(empty, "二号店")
    send_faces(own, empty.version, "happy")
    send_faces(other, empty.version, *["sad"] * 80)
    sites = {
        name: int(empty.value("SELECT id FROM sites WHERE name = ?", name)) for name in ("一号店", "Shibuya")
    }
    listed = {
        name: look(empty, role="store_manager", bounds=access.Bounds(sites=(site,)))
        .locator("main")
        .inner_text()
        for name, site in sites.items()
    }

    assert "一号店" in listed["一号店"]
    assert "回答あり" in listed["一号店"]
    assert "回答あり" not in listed["Shibuya"]
    assert all("二号店" not in text and "python -m" not in text for text in listed.values())


def test_every_chart_has_words_and_a_table(office, look):
    """Each chart is an image with an alternative text that names its numbers, and has its table behind it."""
    page = look(office, language="en")
    for card, words in ((".faces", "Today’s faces"), (".trend", "CSAT by day"), (".sites", "CSAT and 95 %")):
        chart = page.locator(f"{card} [role=img]").first
        assert words in chart.get_attribute("aria-label")
        assert any(character.isdigit() for character in chart.get_attribute("aria-label"))
        page.locator(f"{card} summary").click()
        assert page.locator(f"{card} tbody tr").count() >= 3


def test_sites_are_ranked_with_their_error(office, look):
    """The best site stands first, each with ± and n, and the words tell which differences are real."""
    page = look(office, language="en")
    rows = page.locator(".ranking .site:not(.axis)")

    assert "渋谷店" in rows.first.inner_text()
    assert all("±" in text and "answer" in text for text in rows.all_inner_texts())
    notes = " ".join(page.locator(".sites .note-line").all_inner_texts())
    # Which of them it is goes by the dice that made the taps, and so by the day.
    told = ("No significant difference", "Different from every other", "Any two of these sites differ")
    assert any(words in notes for words in told)


def test_few_answers_are_a_dash(empty, opened, look):
    """Four answers are no score: the cards show a dash, the faces their counts and no share."""
    sender = opened(empty, "一号店")
    send_faces(sender, empty.version, "happy", "happy", "happy", "happy")
    page = look(empty)

    assert page.locator("[data-metric=csat] .big").inner_text() == "–"
    assert "100" not in page.locator("[data-metric=csat]").inner_text()
    assert faces_on(page) == [0, 0, 4]
    assert "%" not in page.locator(".faces").inner_text()
    assert page.locator(".split rect").count() == 0


def test_an_analyst_sees_no_small_cell(empty, opened, look):
    """Who is no admin sees neither few faces nor what a single shopper answered."""
    sender = opened(empty, "一号店")
    send_faces(sender, empty.version, "sad", "happy", "happy")
    page = look(empty, role="analyst")

    assert page.locator("[data-faces]").get_attribute("data-sad") is None
    assert page.locator(".latest .face").count() == 0
    assert "回答あり" in page.locator(".latest").inner_text()


def test_kiosks_that_are_silent_are_named(empty, opened, look):
    """A kiosk that was never heard of, and one that has been silent for two hours, are named as such."""
    sender = opened(empty, "一号店")
    opened(empty, "二号店")
    send_faces(sender, empty.version, "happy")
    earlier = "UPDATE ledger_heads SET heard_at = heard_at - 2 * 3600000"
    empty.change(lambda c: c.exec_driver_sql(earlier))
    text = look(empty).locator(".kiosks").inner_text()

    assert "0 / 2" in text
    assert "一号店 kiosk が 2 時間沈黙" in text
    assert "二号店 kiosk はまだ一度も受信がありません" in text


def test_it_is_quick(office, look):
    """The overview is ready within a second and weighs little: no library, no font, no picture."""
    page = look(office)
    began = time.monotonic()
    with page.expect_response(lambda answer: answer.url.rstrip("/") == office.url) as first:
        page.reload()
    took_s = time.monotonic() - began

    assert took_s < 5  # the machine is shared; by itself it takes a tenth of that
    assert len(first.value.body()) < 150_000
