"""Every page of the frame: for whom, by which keys, in which light, under which attacks, which numbers."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from pathlib import Path

import pytest

from headoffice.app import make_app
from tests.headoffice.pages.chain import (
    API_PERIOD,
    LAST,
    PERIOD,
    TOUCHPOINTS,
    ZONES,
    drafted,
    person,
)
from tests.headoffice.pages.every import addresses
from tests.headoffice.pages.layout import overflowing
from tests.headoffice.results.asking import client_of

AXE = Path(__file__).parents[2] / "node" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/sites", "/questions?funnel=1", "/reasons", "/voices", "/journey", "/surveys")
OFFICE = (
    *("/kiosks", "/kiosks/1", "/alerts", "/password"),
    *(f"/admin/{name}" for name in ("people", "sites", "tokens", "misuse", "audit", "settings")),
)
MOST_BYTES = 150_000
WEIGHT = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter((each) => each.initiatorType !== "fetch").reduce((sum, each) => sum + each.encodedBodySize, 0)"""
MOST_TABS = 40
LET = {HTTPStatus.OK, HTTPStatus.FORBIDDEN}
OPEN = ("/", "/sites", "/questions", "/reasons", "/voices", "/journey", "/surveys", "/kiosks", "/alerts")
MARKUP = re.compile(r"<script>alert|<img src=x")
VOICE = re.compile(r'id="voice-([0-9a-f]{16})".*?<blockquote[^>]*>(.*?)</blockquote>', re.DOTALL)
NUMBER = re.compile(r"-?\d[\d.]*(e-?\d+)?")
CHARTED = ("/sites", "/questions?funnel=1", "/reasons", "/journey")
RISKY = tuple("=+-@\t\r")
DRAWN = {"svg", "g", "title", "desc", "text", "line", "rect", "circle", "polyline", "polygon"}
NO_WIDER = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def path_of(page, **changes):
    """A page in the chain's period."""
    query = "&".join(f"{name}={value}" for name, value in {**PERIOD, **changes}.items())
    return f"{page}{'&' if '?' in page else '?'}{query}"


@pytest.fixture(scope="module")
def asked(chain):
    """Every page's address, out of the route table."""
    routes = make_app(chain.context).routes
    known = {
        "site": chain.sites["America/New_York"],
        "kiosk": 5,
        "survey": "checkout",
        "version": chain.version,
    }
    draft = drafted(chain).rpartition("/")[2]
    every = addresses(routes, draft=draft, touchpoint=TOUCHPOINTS[0], **known)
    assert {"/", *OFFICE, *OPEN} - {"/kiosks/1"} <= set(every)
    return [each for each in every if each != "/sign-in"]


@pytest.fixture(scope="module")
def browser(chain, chromium):
    """A browser in which an administrator is signed in; pages keep their complaints."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    context.request.post(f"{chain.url}/sign-in/code", form={"code": person(chain, "admin")}, max_redirects=0)
    yield context
    context.close()


@pytest.fixture
def tab(browser):
    """A page of that browser."""
    page = browser.new_page()
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
    yield page
    page.close()


def table(client, page, name, **changes):
    """A chart's table as it is downloaded."""
    answer = client.get(path_of(page, download=f"{name}.csv", **changes))
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def given(chain, question):
    """What was answered to a question, tap by tap: (zone, touchpoint, day, hour, answer)."""
    return [
        (zone, touchpoint, day, hour, answer)
        for zone, touchpoint, day, hour, asked, answer in chain.taps
        if asked == question
    ]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_by_each_role(signed, page):
    """Everybody who signs in has every page; a store's manager finds nothing of other stores in it."""
    for role, client in signed.items():
        for language in ("ja", "en"):
            answer = client.get(path_of(page, lang=language))
            assert answer.status_code == 200, (role, answer.text)
            assert f'lang="{language}"' in answer.text
    text = signed["store_manager"].get(path_of(page)).text
    assert "HYPERLINK" not in text.replace("&#34;", '"') or page == "/voices"
    assert "Asia/Tokyo" not in text


def test_a_page_wants_a_person_and_known_filters(chain, signed):
    """Without a session the door; with a filter that is not known, or not theirs, 400 and words."""
    with client_of(chain) as stranger:
        assert stranger.get("/sites").headers["location"].startswith("/sign-in")
    tokyo = chain.sites["Asia/Tokyo"]
    assert signed["store_manager"].get(path_of("/sites", site=tokyo)).status_code == 400
    for wrong in ("site=99", "days=3", "from=2026-11-08&until=2026-11-01", "nonsense=1", "metric=x"):
        answer = signed["admin"].get(f"/sites?{wrong}&lang=en")
        assert answer.status_code == 400
        assert "This cannot be shown" in answer.text
    assert signed["analyst"].get(path_of("/voices", face="sad")).status_code == 400
    assert signed["admin"].get(path_of("/sites", download="ranking.exe")).status_code == 404


def test_small_multiples_go_by_what_the_time_has_room_for(signed):
    """A week goes by the day, four weeks by the week, a year by the month."""
    for days, shape in ((7, r"\d{4}-\d\d-\d\d"), (28, r"\d{4}-W\d\d"), (364, r"\d{4}-\d\d")):
        first = LAST - timedelta(days=days - 1)
        rows = table(signed["admin"], "/sites", "multiples", **{"from": first.isoformat()})
        periods = [row["period"] for row in rows]
        assert periods
        assert all(re.fullmatch(shape, period) for period in periods), (days, periods[:3])


def test_a_language_is_a_filter(chain, signed):
    """All answers are in Japanese: that language shows them all, another none, a wrong one says why."""
    whole = table(signed["admin"], "/questions", "question-checkout-rating")
    assert table(signed["analyst"], "/questions", "question-checkout-rating", language="ja") == whole
    for path in ("/", "/questions", "/journey"):
        wrong = signed["admin"].get(path, params={"language": "Japanese", "lang": "en"})
        assert wrong.status_code == 400
        assert "is no language" in wrong.text
    none = signed["admin"].get(path_of("/questions", language="fr")).text
    assert "question-checkout-rating" not in none
    assert 'value="fr" selected' in none


@pytest.mark.parametrize("metric", ["csat", "nps"])
def test_a_ranking_is_what_the_api_says_and_what_was_tapped(chain, signed, metric):
    """Value, interval and n of each site stand on the page as in the API, and n is what was sent."""
    shown = {
        row["name"].removeprefix("'"): row
        for row in table(signed["admin"], "/sites", "ranking", metric=metric)
    }
    with client_of(chain, "admin") as client:
        told = client.get("/api/v1/metrics", params={"metric": metric, "by": "site", **API_PERIOD}).json()[
            "rows"
        ]
    names = {chain.sites[zone]: name for zone, name in ZONES.items()}
    assert shown.keys() == set(ZONES.values())
    for row in told:
        own = shown[names[row["by"]["site"]]]
        assert [float(own[key]) for key in ("n", "value", "low", "high")] == [
            pytest.approx(row[key]) for key in ("n", "value", "low", "high")
        ]
    question = {"csat": "rating", "nps": "recommend"}[metric]
    sent = Counter(zone for zone, *_ in given(chain, question))
    assert {name: int(shown[name]["n"]) for name in shown} == {ZONES[zone]: n for zone, n in sent.items()}


def test_hours_are_each_sites_own(chain, signed):
    """Ten o'clock in Tokyo, St. John's and New York is ten; half past one stays so when clocks go back."""
    for zone, site in chain.sites.items():
        shown = {
            (row["weekday"], int(row["hour"])): int(row["n"])
            for row in table(signed["admin"], "/sites", "hours", site=site)
        }
        sent = Counter(
            (f"{day:%a}".lower(), hour) for of, _, day, hour, _ in given(chain, "rating") if of == zone
        )
        assert shown == dict(sent), zone


def test_questions_and_reasons_are_what_was_answered(chain, signed):
    """Each answer of each question is counted as it was tapped, and so is each reason."""
    shown = {
        row["name"]: int(row["n"]) for row in table(signed["admin"], "/questions", "question-checkout-rating")
    }
    assert shown == Counter(answer for *_, answer in given(chain, "rating"))
    reasons = Counter(reason for *_, answer in given(chain, "why") for reason in answer)
    assert {row["name"]: int(row["n"]) for row in table(signed["admin"], "/reasons", "pareto")} == reasons
    causes = {row["name"]: row for row in table(signed["admin"], "/reasons", "effect")}
    with client_of(chain, "admin") as client:
        told = client.get("/api/v1/nps-plus", params=API_PERIOD).json()["causes"]
    assert {name: float(row["nps_if_fixed"]) for name, row in causes.items()} == {
        cause["cause"]: pytest.approx(cause["nps_if_fixed"]) for cause in told
    }
    funnel = table(signed["admin"], "/questions?funnel=1", "funnel")
    assert {row["name"]: int(row["n"]) for row in funnel} == Counter(asked for *_, asked, _ in chain.taps)
    assert {row["took_s"] for row in funnel} == {"", "2.0"}


@pytest.mark.parametrize(("metric", "question"), [("csat", "rating"), ("nps", "recommend")])
def test_the_journey_is_what_the_api_says_and_what_was_tapped(chain, signed, metric, question):
    """Each touchpoint's score, interval and share of the volume are the API's, and n is what was sent."""
    shown = {
        row["name"].removeprefix("'"): row
        for row in table(signed["admin"], "/journey", "journey", metric=metric)
    }
    volume = {
        row["name"].removeprefix("'"): row
        for row in table(signed["admin"], "/journey", "volume", metric=metric)
    }
    asked = {"metric": metric, "by": "touchpoint", **API_PERIOD}
    with client_of(chain, "admin") as client:
        told = {
            row["by"]["touchpoint"]: row for row in client.get("/api/v1/metrics", params=asked).json()["rows"]
        }
    sent = Counter(touchpoint for _, touchpoint, *_ in given(chain, question))
    assert shown.keys() == volume.keys() == told.keys() == sent.keys()
    for touchpoint, row in told.items():
        own = [float(shown[touchpoint][key]) for key in ("n", "value", "low", "high")]
        assert own == [pytest.approx(row[key]) for key in ("n", "value", "low", "high")]
        assert int(volume[touchpoint]["n"]) == row["n"] == sent[touchpoint]
        assert float(volume[touchpoint]["share"]) == pytest.approx(sent[touchpoint] / sent.total())


def test_voices_are_those_of_the_api_and_those_that_were_written(chain, signed):
    """Read on to the end, the page has every text once: as the API has them, and as they were sent."""
    found, href = [], path_of("/voices", lang="en")
    while href:
        page = signed["admin"].get(href).text
        found += [(mark, unescape(text)) for mark, text in VOICE.findall(page)]
        more = re.search(r'<p class="lead after-list"><a class="pill" href="([^"]*)"', page)
        href = unescape(more[1]) if more else None
    with client_of(chain, "admin") as client:
        asked = {**API_PERIOD, "limit": 1000}
        told = client.get("/api/v1/verbatims", params=asked).json()["verbatims"]
    assert found == [(each["verbatim"], each["text"]) for each in told]
    assert Counter(text for _, text in found) == Counter(answer for *_, answer in given(chain, "words"))


def test_the_way_down_leads_to_an_hour(chain, signed):
    """All sites → a site → a touchpoint → a question → its hours, each level with its own lines."""
    admin, site = signed["admin"], chain.sites["Asia/Tokyo"]
    levels = [{}, {"site": site}, {"site": site, "touchpoint": "入口"}]
    found = [[row["name"] for row in table(admin, "/sites", "ranking", **level)] for level in levels]
    hours = table(admin, "/sites", "ranking", site=site, touchpoint="入口", question="rating")
    assert len(found[0]) == 3
    assert "入口" in found[1]
    assert [name.partition("<")[2][:7] for name in found[2]] == ["script>"]
    assert [int(row["name"]) for row in hours] == [1, 10]


def test_every_drawing_can_be_had_as_a_file(signed):
    """Each chart of each page is CSV and sound SVG, which names what it shows and carries no script."""
    for page, names in {
        "/sites": ("ranking", "trend", "multiples", "hours", "tag-region"),
        "/questions?funnel=1": ("funnel", "question-checkout-why"),
        "/reasons": ("pareto", "effect", "multiples"),
        "/journey": ("journey", "volume"),
    }.items():
        for name in names:
            answer = signed["admin"].get(path_of(page, download=f"{name}.svg"))
            root = ET.fromstring(answer.text)  # noqa: S314 - ours
            assert root.find("{http://www.w3.org/2000/svg}desc").text
            assert not root.findall(".//{http://www.w3.org/2000/svg}script")
            assert table(signed["admin"], page, name)


def test_voices_are_found_hidden_and_noted(chain, signed):
    """Words are found in any kana and width; hiding is for admins, with the form's token, and is audited."""
    admin, analyst = signed["admin"], signed["analyst"]
    texts = [answer for *_, answer in given(chain, "words")]
    for typed, found in (("かたかな", "カタカナ"), ("ながい レジ", "ながい")):
        page = admin.get("/voices", params={**PERIOD, "search": typed, "lang": "ja"}).text
        assert page.count('class="card voice') == min(40, sum(found in text for text in texts))
    page = admin.get("/voices", params={**PERIOD, "search": "ながい"}).text
    mark = page.split('id="voice-')[1][:16]
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "verbatim": mark, "action": "hide", "back": "//evil.example/voices?days=7"}
    own = analyst.get("/voices").text.split('name="csrf" value="')[1].split('"')[0]
    assert analyst.post("/voices/act", data={**form, "csrf": own}).status_code == 403
    assert admin.post("/voices/act", data={**form, "csrf": own}).status_code == 403
    done = admin.post("/voices/act", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/voices?days=7")
    assert chain.value("SELECT COUNT(*) FROM audit WHERE did = 'hide verbatim' AND who LIKE 'person %'") == 1
    assert chain.value("SELECT COUNT(*) FROM verbatims WHERE state = 1") == 1


def test_an_order_of_the_way_is_kept_for_all(chain, signed):
    """An administrator keeps an order of the touchpoints for all, and forgets it; the address outranks it."""
    admin, analyst = signed["admin"], signed["analyst"]

    def way(client, **changes):
        return [next(iter(row.values())) for row in table(client, "/journey", "volume", **changes)]

    guessed = way(analyst)
    turned = guessed[::-1]
    assert way(admin, way="|".join(turned)) == turned
    page = admin.get(path_of("/journey", way="|".join(turned), lang="en")).text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "way": json.dumps(turned), "back": "//evil.example/journey?days=7"}
    own = analyst.get("/journey").text.split('name="csrf" value="')[1].split('"')[0]
    assert analyst.post("/journey/order", data={**form, "csrf": own}).status_code == 403
    assert "no touchpoint" in admin.post("/journey/order", data={**form, "way": '["Nowhere"]'}).text
    try:
        for _ in range(2):
            done = admin.post("/journey/order", data=form)
            assert (done.status_code, done.headers["location"]) == (303, "/journey?days=7")
        assert way(analyst) == way(admin) == turned
        assert way(analyst, way="|".join(guessed)) == guessed
        assert "Keep this order" not in analyst.get(path_of("/journey", lang="en")).text
    finally:
        assert admin.post("/journey/order", data={**form, "way": ""}).status_code == 303
    assert way(analyst) == guessed
    assert chain.value("SELECT COUNT(*) FROM audit WHERE did = 'order touchpoints'") == 2


def test_no_page_breaks_any_rule_of_axe(chain, tab):
    """On each page: axe-core finds nothing in either light, no attack runs, no phone must scroll sideways.

    And with all that it loads a page weighs at most 150 kB.
    """
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: deploy/setup.sh does it where npm is")
    source = AXE.read_text("utf-8")
    version = f"/surveys/versions/{chain.version}"
    draft = drafted(chain)
    edited = ("/surveys/drafts", draft, *(f"{draft}/{part}" for part in ("questions/1", "texts", "settings")))
    published = tuple(f"{version}/{each}" for each in ("publish", "preview"))
    published += ("/surveys/checkout/history", "/surveys/checkout/withdraw", "/surveys/sheets")
    for page in ("/", *PAGES, *published, *edited):
        tab.set_viewport_size({"width": 1440, "height": 900})
        tab.emulate_media(color_scheme="light")
        tab.goto(chain.url + (path_of(page) if page in PAGES else page))
        assert 0 < tab.evaluate(WEIGHT) < MOST_BYTES, page
        tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        tab.evaluate(source)
        faults = []
        for scheme, only in (("light", "{}"), ("dark", "{runOnly: ['color-contrast']}")):
            tab.emulate_media(color_scheme=scheme)
            found = tab.evaluate(
                f"axe.run(document, {only}).then((r) => r.violations.map((v) => "
                "[v.id, v.nodes[0].html, v.nodes[0].failureSummary]))"
            )
            faults += [(page, scheme, *each) for each in found]
        assert faults == []
        tab.set_viewport_size({"width": 390, "height": 900})
        assert tab.evaluate(NO_WIDER) if page not in PAGES else overflowing(tab) == [], page
        assert tab.locator("main script, main img").count() == 0
    assert tab.complaints == []


def test_no_page_is_wider_than_its_window(chain, asked, chromium):
    """On phone, tablet and desk nothing scrolls sideways, on any page, however long a site's name is."""
    long = "東京ミッドタウン日比谷アネックス地下一階食品売場サービスカウンター前特設店 (Tokyo Midtown)"
    name, wide = chain.value("SELECT name FROM sites WHERE id = 1"), []
    chain.change(
        lambda connection: connection.exec_driver_sql("UPDATE sites SET name = ? WHERE id = 1", (long,))
    )
    context = chromium.new_context(locale="ja")
    context.request.post(f"{chain.url}/sign-in/code", form={"code": person(chain, "admin")}, max_redirects=0)
    tab = context.new_page()
    for page in asked:
        tab.goto(chain.url + page)
        for width in (390, 820, 1440):
            tab.set_viewport_size({"width": width, "height": 900})
            if not tab.evaluate(NO_WIDER):
                wide.append((page, width))
    chain.change(
        lambda connection: connection.exec_driver_sql("UPDATE sites SET name = ? WHERE id = 1", (name,))
    )
    context.close()
    assert wide == []


def test_the_keyboard_is_enough(chain, tab):
    """With keys alone: open the menu on a phone, choose a filter, see it in the address, read a table."""
    tab.set_viewport_size({"width": 390, "height": 900})
    tab.goto(chain.url + path_of("/sites"))
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.matches('.burger')"):
            break
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#menu a[href^='/journey']", state="visible")
    tab.keyboard.press("Escape")
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.locator("#filter-metric").focus()
    tab.keyboard.press("ArrowDown")
    tab.wait_for_url("**metric=happy_index**")
    tab.wait_for_function("document.querySelector('#chart-ranking h2').textContent.startsWith('Happy')")
    assert tab.evaluate("document.activeElement.id") == "filter-metric"
    tab.locator("#chart-ranking summary").focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#table-ranking tbody tr").count() == 3
    assert tab.complaints == []


def test_a_survey_is_edited_with_keys_alone(chain, tab):
    """Move a question and stay with it, write a text and save by Enter, take both back."""
    draft = drafted(chain)
    tab.goto(chain.url + draft)

    def tab_to(name):
        for _ in range(MOST_TABS):
            tab.keyboard.press("Tab")
            if tab.evaluate("document.activeElement.id") == name:
                return
        pytest.fail(f"{name} is not reached")

    tab_to("question-down-0")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#question-down-1:focus")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#question-down-2:focus")
    tab.goto(f"{chain.url}{draft}/questions/0?beside=en")
    tab_to("q0.id")
    tab.keyboard.press("End")
    tab.keyboard.type("2")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".undoing [name=revision][value='4']", state="attached")
    assert tab.locator("[id='q0.id']").input_value() == "why2"
    tab_to("undo")
    for left in ("5", "6", "7"):
        tab.keyboard.press("Enter")
        tab.wait_for_selector(f".undoing [name=revision][value='{left}']", state="attached")
    assert tab.locator("#undo").is_disabled()
    assert tab.complaints == []


def test_pages_work_without_scripts_and_are_light(chain, chromium):
    """Without JavaScript a filter is applied by its button; with it a first visit takes at most 150 kB."""
    context = chromium.new_context(java_script_enabled=False, locale="en")
    context.request.post(f"{chain.url}/sign-in/code", form={"code": person(chain, "admin")}, max_redirects=0)
    page = context.new_page()
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request))  # noqa: PLW0108 - no builtin fits
    page.goto(chain.url + path_of("/sites"))
    total = sum(
        sum(each.sizes()[part] for part in ("responseBodySize", "responseHeadersSize")) for each in sizes
    )
    assert 0 < total < MOST_BYTES
    page.select_option("#filter-site", chain.sites["America/New_York"])
    page.get_by_role("button", name="Show", exact=True).click()
    assert "New York" in page.locator(".crumbs").inner_text()
    context.close()


def test_each_page_for_each_role_under_attack(signed, asked):
    """Whoever may not see a page is told so; no page fails, and what people typed is never markup."""
    for role, client in signed.items():
        seen = {}
        for address in asked:
            answer = client.get(address)
            seen[address] = answer.status_code
            assert answer.status_code in LET, (role, address, answer.text[:300])
            assert not MARKUP.search(answer.text), (role, address)
        assert all(seen[each] == HTTPStatus.OK for each in seen if each.partition("?")[0] in OPEN), (
            role,
            seen,
        )
        if role == "admin":
            assert set(seen.values()) == {HTTPStatus.OK}
        else:
            closed = [each for each in seen if each.startswith(("/admin", "/surveys/drafts"))]
            assert {seen[each] for each in closed} == {HTTPStatus.FORBIDDEN}, role


def test_every_chart_of_every_page_is_a_harmless_file(signed):
    """What a page offers to download is sound: SVG with nothing that runs, CSV with no cell that computes."""
    query = "&".join(f"{name}={value}" for name, value in PERIOD.items())
    files = 0
    for page in CHARTED:
        text = signed["admin"].get(f"{page}{'&' if '?' in page else '?'}{query}").text
        for address in {unescape(each) for each in re.findall(r'href="([^"]*download=[^"]*)"', text)}:
            answer = signed["admin"].get(address)
            assert answer.status_code == HTTPStatus.OK, address
            files += 1
            if address.endswith(".svg"):
                tags = {each.tag.rpartition("}")[2] for each in ET.fromstring(answer.text).iter()}  # noqa: S314 - ours
                assert tags <= DRAWN, (address, tags - DRAWN)
            else:
                cells = [
                    cell
                    for row in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
                    for cell in row
                ]
                assert [each for each in cells if each[:1] in RISKY and not NUMBER.fullmatch(each)] == []
    assert files > 20
