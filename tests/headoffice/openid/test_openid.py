"""Signing in by an OpenID Connect provider: a real one, with a browser that goes there and back."""

import json
import re
from functools import partial

import pytest

from headoffice.problems import DataUnusable, WrongUsage
from headoffice.settings import resolve
from headoffice.store import people
from headoffice.store.audit import By
from headoffice.web.words import read_words
from headoffice.work import access
from headoffice.work.openid_client import read_client
from tests.headoffice.openid.provider import SECRET, Browser, running
from tests.headoffice.running import RunningOffice

JA = read_words()["ja"]
PEOPLE = {
    "boss": {"email": "Boss@ours.example", "email_verified": True, "groups": ["all", "hq"]},
    "shop": {
        "email": "shop@ours.example",
        "email_verified": True,
        "groups": ["shops"],
        "sites": ["Shibuya", "Nowhere", "region=kanto", "region=kansai"],
    },
    "bare": {"email": "bare@ours.example", "email_verified": True, "groups": ["shops"]},
    "hand": {"email": "hand@ours.example", "email_verified": True, "groups": ["hq"]},
    "thief": {"email": "hand@ours.example", "email_verified": True, "groups": ["hq"]},
    "loud": {"email": "boss@ours.example", "email_verified": False, "groups": ["hq"]},
    "guest": {"email": "guest@ours.example", "email_verified": True, "groups": ["all"]},
}


@pytest.fixture(scope="module")
def provider():
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def office(tmp_path_factory, provider):
    """A head office that people sign in to by the provider."""
    folder = tmp_path_factory.mktemp("openid")
    secret = folder / "secret"
    secret.write_text(SECRET + "\n")
    office = RunningOffice(
        folder,
        oidc_issuer=provider.issuer,
        oidc_client_id="egao",
        oidc_secret_file=str(secret),
        oidc_roles="hq=admin, shops=store_manager",
    )
    provider.tell(back=f"{office.url}/sign-in/openid/back", people=PEOPLE)
    yield office
    office.close()


@pytest.fixture
def browser(office):
    """Opens browsers."""
    opened = []

    def new():
        opened.append(Browser(office))
        return opened[-1]

    yield new
    for each in opened:
        each.close()


def person(office, email):
    with office.database.read() as connection:
        return people.person_by_email(connection, email)


def refused(answer, reason):
    """The page says in words why nobody was let in, and nobody was."""
    assert JA(f"openid.{reason}") in answer.text
    assert answer.status_code >= 400
    assert "egao_session" not in str(answer.headers)


def test_who_has_a_role_at_the_provider_gets_an_account(office, browser):
    """The claims give the role and, to a manager, sites and tags; the audit has it."""
    boss = browser()
    assert "/sign-in/openid" in boss.client.get("/sign-in").text
    answer = boss.enter("boss")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert boss.client.get("/").status_code == 200
    made = person(office, "boss@ours.example")
    assert (made.role, made.sites, made.elsewhere) == ("admin", None, True)

    assert browser().enter("shop").status_code == 303
    kanto = partial(
        access.add_site, name="Chiba", timezone="Asia/Tokyo", tags={"region": "kansai"}, by=By("test", 1)
    )
    assert person(office, "shop@ours.example").sites == {office.site}
    new = office.change(kanto)
    assert person(office, "shop@ours.example").sites == {office.site, new}
    assert browser().enter("bare").status_code == 303
    assert person(office, "bare@ours.example").sites == frozenset()
    done = [json.loads(what) for (what,) in office.rows("SELECT what FROM audit WHERE did = 'add person'")]
    assert [each["role"] for each in done] == ["admin", "store_manager", "store_manager"]


def test_what_the_provider_takes_is_gone(office, provider, browser):
    """A new role comes with the next sign-in; without any, nobody comes in and no session is left."""
    shop = browser()
    shop.enter("shop")
    provider.tell(people={**PEOPLE, "shop": {**PEOPLE["shop"], "groups": ["hq"]}})
    assert browser().enter("shop").status_code == 303
    assert person(office, "shop@ours.example").role == "admin"
    provider.tell(people={**PEOPLE, "shop": {**PEOPLE["shop"], "groups": []}})
    assert shop.client.get("/").status_code == 200
    refused(browser().enter("shop"), "no_role")
    assert shop.client.get("/").status_code == 303
    provider.tell(people=PEOPLE)


def test_no_password_beside_the_provider(office, browser):
    """Whose access the provider gives can set no password, so it can take that access away."""
    boss = browser()
    boss.enter("boss")
    assert "/password" not in boss.client.get("/").text
    assert boss.client.get("/password").status_code == 403
    (csrf,) = re.findall(r'name="csrf" value="(\w+)"', boss.client.get("/").text)[:1]
    form = {"csrf": csrf, "password": "correct horse", "again": "correct horse"}
    assert boss.client.post("/password", data=form).status_code == 403


def test_who_was_added_by_hand_is_linked_and_keeps_what_they_have(office, browser):
    """A confirmed address finds the account that was added; its role stays, and nobody else gets it after."""
    bounds = access.Bounds([office.site])
    add = partial(access.add_person, email="hand@ours.example", role="store_manager", by=By("test", 1))
    office.change(partial(add, bounds=bounds))
    for _ in range(2):
        assert browser().enter("hand").status_code == 303
    linked = person(office, "hand@ours.example")
    assert (linked.role, linked.sites, linked.elsewhere) == ("store_manager", {office.site}, False)
    refused(browser().enter("thief"), "taken")


@pytest.mark.parametrize(("sub", "reason"), [("loud", "unverified"), ("guest", "no_role")])
def test_nobody_gets_in_by_default(office, browser, sub, reason):
    """An address that nobody confirms finds no account, and no role is no entry."""
    before = office.value("SELECT count(*) FROM people")
    refused(browser().enter(sub), reason)
    assert office.value("SELECT count(*) FROM people") == before


def test_a_way_back_is_good_once_and_in_its_own_browser(office, browser):
    """The same way back again, in another browser, or with another state or issuer opens nothing."""
    mine, other = browser(), browser()
    back = mine.sent_back("boss")
    other.client.get("/sign-in/openid")
    refused(other.client.get(back), "stale")
    cookie = mine.client.cookies["egao_openid"]
    refused(mine.client.get(back.replace("state=", "state=x")), "stale")
    for wrong, reason in (
        (re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fother.example", back), "forged"),
        (re.sub(r"code=[^&]+", "code=never", back), "stale"),
        (re.sub(r"code=[^&]+", "code=" + "x" * 5000, back), "stale"),
        (re.sub(r"code=[^&]+", "error=access_denied", back), "denied"),
    ):
        mine.client.cookies.set("egao_openid", cookie)
        refused(mine.client.get(wrong), reason)
    mine.client.cookies.set("egao_openid", cookie)
    assert mine.client.get(back).status_code == 303
    assert "egao_openid" not in mine.client.cookies or mine.client.cookies["egao_openid"] == cookie
    mine.client.cookies.set("egao_openid", cookie)
    refused(mine.client.get(back), "stale")


def test_settings_that_cannot_be_are_told_at_once(tmp_path):
    """Every fault of the settings is named, with the mend; so is a secret that cannot be read."""

    def read(**flags):
        return read_client(resolve({"data": str(tmp_path), **flags}, {}))

    assert read() is None
    with pytest.raises(WrongUsage) as wrong:
        read(oidc_issuer="http://login.example", oidc_roles="a=king,b,c=admin")
    for words in ("oidc_issuer: 'http://login.example' is not https", "oidc_client_id", "'a=king'", "'b'"):
        assert words in str(wrong.value)
    fine = {"oidc_issuer": "https://login.example", "oidc_client_id": "egao"}
    assert read(**fine, oidc_roles="a=b=admin").roles == {"a=b": "admin"}
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for file in (empty, tmp_path / "missing"):
        with pytest.raises(DataUnusable, match="oidc_secret_file"):
            read(**fine, oidc_secret_file=str(file))
