"""The pages that run head office: who may come, what each does, and that nothing shown twice was secret."""

import re
import time
from functools import partial

import pytest

from headoffice.settings import FIELDS
from headoffice.store import people
from headoffice.store.audit import By
from headoffice.store.people import ROLES
from headoffice.web.words import read_words
from headoffice.work import access, flag
from headoffice.work.misuse import read_rules
from headoffice.work.replay import replay
from kiosk.raster import as_png, from_window
from tests.headoffice.kiosk_side import BOOT, UPTIME_MS, Sender, new_id, refused, tap
from tests.headoffice.pages.conftest import XSS, new_office
from tests.headoffice.town import Shop, history, open_shop, send_all

EN = read_words()["en"]
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
SECRET = re.compile(r'class="secret">([^<]+)<')
FOR_ALL = ("/kiosks", "/kiosks/1", "/alerts")
FOR_ADMINS = (
    "/admin/people",
    "/admin/sites",
    "/admin/tokens",
    "/admin/misuse",
    "/admin/audit",
    "/admin/settings",
)


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """A head office with two shops, one of which has an attack for a name, and some days of taps."""
    office = new_office(tmp_path_factory.mktemp("office-pages"))
    for seed, shop in enumerate(
        (Shop("Shibuya East", (0.1, 0.2, 0.7), visits=30), Shop(XSS, (0.3, 0.3, 0.4)))
    ):
        site, sender = open_shop(office, shop)
        send_all(sender, history(office.document, shop, days=3, until_ms=int(time.time() * 1000), seed=seed))
        office.sites = [*getattr(office, "sites", []), site]
        sender.close()
    yield office
    office.close()


@pytest.fixture
def enter(shops, visitor):
    """Signs somebody in: a browser without a screen."""

    def enter_as(role="admin", email=None, bounds=access.EVERYWHERE):
        client = visitor(shops, **{"Accept-Language": "en"})
        email = email or f"{role}@shops.example"
        by = By("test", int(time.time() * 1000))
        add = partial(access.add_person, email=email, role=role, by=by, bounds=bounds)
        assert client.post("/sign-in/code", data={"code": shops.change(add)}).status_code == 303
        return client

    return enter_as


def post(client, path, page=None, **form):
    token = CSRF.findall(client.get(page or path).text)[0]
    return client.post(path, data={"csrf": token, **form})


def done(shops):
    return [did for (did,) in shops.rows("SELECT did FROM audit ORDER BY id")]


def test_each_page_is_for_whom_it_is_for(shops, enter):
    """Everybody sees kiosks and alerts of their sites; the administration is for administrators."""
    for role in ROLES:
        bound = access.Bounds([shops.sites[0]]) if role in people.BOUND else access.EVERYWHERE
        client = enter(role, bounds=bound)
        for path in FOR_ALL:
            answer = client.get(path)
            assert (answer.status_code, "<script>alert" in answer.text) == (200, False), (role, path)
        for path in FOR_ADMINS:
            answer = client.get(path)
            assert answer.status_code == (200 if role == "admin" else 403), (role, path)
            assert ("/admin/people" in client.get("/kiosks").text) == (role == "admin")
        for path in ("/kiosks/code", "/kiosks/1/revoke", "/admin/tokens", "/admin/misuse"):
            refused(client.post(path, data={"csrf": "0" * 64}), 403, "forbidden")
        assert ("Shibuya East" in client.get("/kiosks").text, "onerror" in client.get("/kiosks").text) == (
            True,
            role not in people.BOUND,
        )
    refused(enter("store_manager").get("/kiosks/1"), 404, "not_found")


def test_people_are_added_changed_and_removed(shops, enter):
    """The code is shown once and opens the door; a manager sees what was written; the last admin stays."""
    client = enter()
    answer = post(
        client, "/admin/people", email="m@shops.example", role="store_manager", bounds="Shibuya East"
    )
    (code,) = SECRET.findall(answer.text)
    assert code not in client.get("/admin/people").text
    assert "m@shops.example" in client.get("/admin/people").text
    with shops.database.read() as connection:
        assert people.person_by_email(connection, "m@shops.example").sites == {shops.sites[0]}
    for form, words in (
        ({"email": "nobody", "role": "admin"}, EN("office.fault.e-mail")),
        ({"email": "m@shops.example", "role": "king"}, EN("office.fault.role")),
        (
            {"email": "m@shops.example", "role": "store_manager", "bounds": "Nowhere"},
            EN("office.fault.bounds"),
        ),
        ({"email": "admin@shops.example", "role": "analyst"}, EN("office.fault.last_admin")),
    ):
        answer = post(client, "/admin/people", **form)
        assert (answer.status_code, words in answer.text) == (400, True), form
        assert form["email"] in answer.text
    answer = post(client, "/admin/people/remove", "/admin/people", email="admin@shops.example")
    assert answer.status_code == 400
    answer = post(client, "/admin/people/remove", "/admin/people", email="m@shops.example")
    assert answer.headers["location"] == "/admin/people?done=removed"
    assert EN("office.done.removed") in client.get(answer.headers["location"]).text
    assert "m@shops.example" not in client.get("/admin/people").text
    assert done(shops)[-1] == "remove person"


def test_a_token_is_shown_once_and_revoked(shops, enter):
    """A token made on the page works at once, within its bounds, until it is revoked there."""
    client = enter()
    form = {"name": "nightly <b>", "scope": "aggregates", "days": "30", "bounds": "Shibuya East"}
    (token,) = SECRET.findall(post(client, "/admin/tokens", **form).text)
    bearer = {"Authorization": f"Bearer {token}"}
    (site,) = client.get("/api/v1/sites", headers=bearer).json()["sites"]
    assert site["name"] == "Shibuya East"
    listed = client.get("/admin/tokens").text
    assert token not in listed
    assert "nightly &lt;b&gt;" in listed
    answer = post(client, "/admin/tokens", name="", scope="admin", days="0", bounds="region=kanto")
    assert EN("office.fault.days") in answer.text
    number = shops.value("SELECT max(id) FROM tokens")
    assert post(client, "/admin/tokens/revoke", "/admin/tokens", token=str(number)).status_code == 303
    refused(client.get("/api/v1/sites", headers=bearer), 401, "unauthorised")
    refused(post(client, "/admin/tokens/revoke", "/admin/tokens", token="x"), 404, "not_found")


def test_a_site_is_added_and_tagged(shops, enter):
    """A site with tags is there at once; other tags change at once what somebody bound by them sees."""
    client = enter()
    form = {"name": "Chiba", "timezone": "Asia/Tokyo", "tags": "region=kanto\nhours=09:00-22:00"}
    assert post(client, "/admin/sites", **form).headers["location"] == "/admin/sites?done=site"
    bound = enter("region_manager", bounds=access.Bounds(tags={"region": "east"}))
    number = str(shops.value("SELECT id FROM sites WHERE name = 'Chiba'"))

    def sees():
        with shops.database.read() as connection:
            return people.person_by_email(connection, "region_manager@shops.example").sites

    assert sees() == frozenset()
    assert (
        post(client, "/admin/sites/change", "/admin/sites", site=number, tags="region=east").status_code
        == 303
    )
    assert sees() == {int(number)}
    assert "region=east" in client.get("/admin/sites").text
    assert bound.get("/admin/sites").status_code == 403
    answer = post(client, "/admin/sites", name="", timezone="Tokyo", tags="")
    assert answer.status_code == 400
    assert all(EN(f"office.fault.{each}") in answer.text for each in ("name", "timezone"))
    answer = post(client, "/admin/sites/change", "/admin/sites", site=number, tags="a=1, a=2, b")
    assert (answer.status_code, EN("office.fault.tag") in answer.text) == (400, True)
    assert done(shops)[-1] == "change tags"


def test_a_site_is_renamed_and_its_zone_put_right(shops, enter):
    """A name changes everywhere, audited; a zone only before the first tap, whose day was counted by it."""
    client, change = enter(), partial(post, path="/admin/sites/change", page="/admin/sites")
    add = partial(access.add_site, timezone="Asia/Tokyo", tags={}, by=By("test", 1))
    number = str(shops.change(partial(add, name="Kobe")))
    answer = change(client, site=number, name="Kobe Port", timezone="America/St_Johns", tags="sea=yes")
    assert answer.headers["location"] == "/admin/sites?done=changed"
    text = client.get("/admin/sites").text
    assert all(each in text for each in ("Kobe Port", "America/St_Johns", "sea=yes"))
    assert done(shops)[-2:] == ["change site", "change tags"]
    for form, place in (
        ({"name": "Shibuya East"}, "name_taken"),
        ({"name": ""}, "name"),
        ({"timezone": "Kobe"}, "timezone"),
        ({"site": str(shops.sites[0]), "name": "Shibuya East", "timezone": "UTC"}, "timezone_kept"),
    ):
        answer = change(client, **{"site": number, "tags": "sea=yes", **form})
        assert (answer.status_code, EN(f"office.fault.{place}") in answer.text) == (400, True), form
    assert ("Shibuya East", "Asia/Tokyo") in shops.rows("SELECT name, timezone FROM sites")
    assert done(shops)[-1] == "change tags"


def enrolled(shops, client, code):
    answer = client.post(f"{shops.url}/kiosk/v1/enrol", json={"code": code, "name": "device"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_kiosk_from_code_to_replacement(shops, enter):
    """A code enrols a kiosk; it is renamed and moved; another device takes its place and goes on as it."""
    client = enter()
    answer = post(client, "/kiosks/code", "/kiosks", site="Shibuya East", touchpoint="fitting")
    (code,) = SECRET.findall(answer.text)
    assert "<svg" in answer.text
    assert shops.url in answer.text
    made = enrolled(shops, client, code)
    here = f"/kiosks/{made['kiosk']}"
    assert (
        post(client, f"{here}/rename", here, name="By the door").headers["location"] == f"{here}?done=rename"
    )
    other = Sender(shops.url, made["key"])
    other.acked([tap(1, visit=new_id(), survey=shops.version)])
    assert post(client, f"{here}/move", here, site=XSS, touchpoint="exit").status_code == 303
    other.acked([tap(2, visit=new_id(), survey=shops.version)])
    places = "SELECT placements.site, touchpoint FROM taps JOIN placements ON placements.id = taps.placement"
    moved = shops.rows(f"{places} WHERE placements.kiosk = ? ORDER BY seq", int(made["kiosk"]))
    assert moved == [(shops.sites[0], "fitting"), (shops.sites[1], "exit")]

    (second,) = SECRET.findall(post(client, f"{here}/rotate", here, hours="1").text)
    (code,) = SECRET.findall(post(client, f"{here}/replace", here).text)
    again = enrolled(shops, client, code)
    assert (again["kiosk"], again["touchpoint"]) == (made["kiosk"], "exit")
    assert other.send([tap(3, visit=new_id())]).status_code == 403
    other.close()
    bearer = {"Authorization": f"Bearer {second}"}
    assert client.get(f"{shops.url}/kiosk/v1/programme", headers=bearer).status_code == 403
    (key,) = SECRET.findall(post(client, f"{here}/rotate", here, hours="1").text)
    for valid in (again["key"], key):
        sender = Sender(shops.url, valid)
        sender.acked([])
        sender.close()
    assert post(client, f"{here}/rotate", here, hours="337").status_code == 400
    assert post(client, f"{here}/revoke", here).status_code == 303
    page = client.get(here).text
    assert "By the door" in page
    assert key not in page
    for form, at in (({"name": " "}, "rename"), ({"site": "Nowhere", "touchpoint": "x"}, "move")):
        assert post(client, f"{here}/{at}", here, **form).status_code == 400
    wanted = ["rename kiosk", "move kiosk", "rotate key", "make replacement code", "enrol", "rotate key"]
    assert done(shops)[-7:] == [*wanted, "revoke keys"]
    assert not shops.wrong()


def test_a_list_of_kiosks_can_be_searched(shops, enter):
    """By name, site or touchpoint, and by how they stand."""
    client = enter()
    assert "Shibuya East" not in client.get("/kiosks?q=nothing+like+it").text.split("<datalist")[0]
    assert 'href="/kiosks/1"' in client.get("/kiosks?q=shibuya").text
    assert 'href="/kiosks/1"' in client.get("/kiosks?state=fine").text
    assert 'href="/kiosks/1"' not in client.get("/kiosks?state=silent").text


def test_what_is_wrong_with_a_kiosk_is_said_with_its_mend(shops, enter):
    """A clock that is off by more than a minute, and what it complains of: how much, and how it is mended."""
    client, sender = enter(), shops.sender(touchpoint="clock")
    number = shops.value("SELECT max(id) FROM kiosks")
    here = f"/kiosks/{number}"

    def pages_after(ahead_s):
        for _ in range(5):
            at = int((time.time() + ahead_s) * 1000)
            sender.acked([], sent={"at": at, "uptime": UPTIME_MS, "boot": BOOT})
        return [client.get(path).text for path in ("/kiosks?state=problems", here)]

    for page in pages_after(270):
        assert EN("office.kiosks.clock_ahead", time="4 min") in page
        assert EN("office.kiosks.clock_mend") in page
    listed, page = pages_after(50)
    assert f'href="{here}"' not in listed
    assert "right to " in page
    full = "the disk is almost full: the room kept for answers is in use"
    sender.acked([], health={"problems": [full, "<b>new</b>"]})
    sender.close()
    for path in ("/kiosks?state=problems", here):
        page = client.get(path).text
        assert all(each in page for each in (full, EN("office.mend.full"), "&lt;b&gt;new"))


def test_an_administrator_sees_a_kiosks_screen(shops, enter):
    """Asked for by a form, shown with its time, served as a picture only, to administrators only."""
    client, sender = enter(), shops.sender(touchpoint="seen")
    number = shops.value("SELECT max(id) FROM kiosks")
    here, source = f"/kiosks/{number}", f"/kiosks/{number}/picture.png"
    refused(client.get(source), 404, "not_found")
    refused(client.post(f"{here}/picture", data={"csrf": "0" * 64}), 403, "forbidden")
    assert "picture" not in sender.acked([])
    assert post(client, f"{here}/picture", here).headers["location"] == f"{here}?done=picture"
    assert EN("office.kiosks.screen_asked", time="").split(".")[1] in client.get(here).text
    png = as_png(from_window(2, 1, bytes(8)), most_bytes=999, most_px=9)
    asked = sender.acked([])["picture"]
    assert sender.client.put(f"/kiosk/v1/picture/{asked}", content=png).status_code == 204
    sender.close()
    page = client.get(here).text
    assert f'<img src="{source}?' in page
    assert "hx-get" not in page
    answer = client.get(source)
    headers = ("content-type", "x-content-type-options", "cache-control", "content-security-policy")
    wanted = ["image/png", "nosniff", "no-store", "default-src 'none'; sandbox"]
    assert (answer.content, [answer.headers[name] for name in headers]) == (png, wanted)
    analyst = enter("analyst")
    assert source not in analyst.get(here).text
    refused(analyst.get(source), 403, "forbidden")
    refused(analyst.post(f"{here}/picture", data={"csrf": "0" * 64}), 403, "forbidden")


def test_a_replay_says_what_putting_in_force_does(shops, enter):
    """Both scores of a replay are those before and after the rules are in force; it changes nothing."""
    client = enter()
    form = {"too_soon": "on", "too_soon.seconds": "200"}
    before = shops.rows("SELECT * FROM tallies_day")
    rules = read_rules({"too_soon": {"seconds": 200}})
    with shops.database.read() as connection:
        everywhere, *_ = replay(connection, rules).scores
    page = post(client, "/admin/misuse", act="try", **form).text
    assert f"{everywhere.now.value:.1%}" in page
    assert f"{everywhere.then.value:.1%}" in page
    assert shops.rows("SELECT * FROM tallies_day") == before
    assert everywhere.now.n > everywhere.then.n
    assert post(client, "/admin/misuse", act="force", **form).status_code == 303
    while shops.change(flag.step):
        pass
    with shops.database.read() as connection:
        after, *_ = replay(connection, rules).scores
    assert after.now == after.then == everywhere.then
    answer = post(client, "/admin/misuse", act="try", too_soon="on", **{"too_soon.seconds": "many"})
    assert (answer.status_code, "many" in answer.text) == (400, True)


def test_the_audit_is_read_by_who_and_what(shops, enter):
    """Who and what filter the lines; what stands in them is escaped."""
    client = enter()
    page = client.get("/admin/audit?did=add+site").text
    assert "&lt;script&gt;" in page
    assert "make token" not in page.split("<table")[1]
    assert client.get("/admin/audit?who=nobody&before=x").status_code == 200


def test_every_setting_is_explained(shops, enter):
    """The page of settings has each with words in both languages, and no secret."""
    page = enter().get("/admin/settings").text
    for field in FIELDS:
        if field.name != "config":
            assert f">{field.name}<" in page
            assert EN(f"setting.{field.name}") in page.replace("&#39;", "'").replace("&amp;", "&")


def test_no_page_is_wider_than_a_phone(shops, look):
    """At 390 pixels no page scrolls sideways, in either language, and no script complains."""
    page = look(shops, width=390, path="/kiosks")
    for path in (*FOR_ALL, *FOR_ADMINS):
        for language in ("en", "ja"):
            page.goto(f"{shops.url}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, (path, language)
    assert page.complaints == []
