"""The door: who comes in, who does not, and what is left behind."""

import re

import pytest

from tests.headoffice.kiosk_side import refused
from tests.headoffice.pages.conftest import PASSWORD, one_time_code

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


def enter(client, office, **person):
    """Sign in with a one-time code, as the page's own form does."""
    code = one_time_code(office, **person)
    return client.post("/sign-in/code", data={"code": code, "then": "password"})


def csrf(client, path):
    (token,) = CSRF.findall(client.get(path).text)[:1]
    return token


@pytest.mark.parametrize("path", ["/", "/live/overview", "/password"])
def test_without_a_session_one_is_sent_to_sign_in(empty, visitor, path):
    """A page without a session leads to the sign-in page and shows nothing."""
    answer = visitor(empty).get(path)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in"
    assert answer.content == b""


def test_from_a_code_to_a_password_and_back_in(empty, visitor):
    """A one-time code leads to choosing a password, which opens the overview, now and the next time."""
    client = visitor(empty)
    entered = enter(client, empty)
    assert (entered.status_code, entered.headers["Location"]) == (303, "/password")
    token = csrf(client, "/password")
    chosen = client.post("/password", data={"csrf": token, "password": PASSWORD, "again": PASSWORD})
    assert (chosen.status_code, chosen.headers["Location"]) == (303, "/")
    assert client.get("/").status_code == 200

    later = visitor(empty)
    answer = later.post("/sign-in", data={"email": "Admin@example.com", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert later.get("/").status_code == 200
    assert later.get("/sign-in").headers["Location"] == "/"


def test_a_code_alone_opens_the_overview(empty, visitor):
    """A form that sends only the code signs in directly; the overview then offers to choose a password."""
    client = visitor(empty)
    answer = client.post("/sign-in/code", data={"code": one_time_code(empty)})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert 'href="/password"' in client.get("/").text


def test_the_cookie_is_for_the_browser_alone(empty, visitor):
    """The session's cookie is not for scripts and not for other sites."""
    cookie = enter(visitor(empty), empty).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("code", ["", "WRONG-CODE0-11111-22222", "x" * 5000, "\u0000", "コード"])
def test_a_wrong_code_says_so(empty, visitor, code):
    """A code that is wrong is refused on the page, in words, with no session."""
    client = visitor(empty)
    answer = client.post("/sign-in/code", data={"code": code})

    assert answer.status_code == 403
    assert "このコードは違うか" in answer.text
    assert client.get("/").status_code == 303


def test_a_code_is_good_once(empty, visitor):
    """A code that was used opens nothing the second time."""
    code = one_time_code(empty)
    visitor(empty).post("/sign-in/code", data={"code": code})

    assert visitor(empty).post("/sign-in/code", data={"code": code}).status_code == 403


def test_a_wrong_password_says_so_and_keeps_the_address(empty, visitor):
    """A wrong password is refused without telling whether the address is known; what was typed is escaped."""
    one_time_code(empty, email="known@example.com")
    for email in ("known@example.com", 'nobody@example.com"><script>'):
        answer = visitor(empty).post("/sign-in", data={"email": email, "password": "not this one"})
        assert answer.status_code == 403
        assert "メールアドレスかパスワードが違います" in answer.text
        assert "<script>" not in answer.text


def slowed(answer):
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "しばらく受け付けません" in answer.text


def test_who_fails_often_is_slowed_down_and_nobody_else(empty, visitor):
    """After ten wrong passwords one account waits, at this address; its neighbours come in all the same."""
    client, neighbour = visitor(empty), visitor(empty)
    enter(neighbour, empty, email="neighbour@example.com")
    form = {"csrf": csrf(neighbour, "/password"), "password": PASSWORD, "again": PASSWORD}
    assert neighbour.post("/password", data=form).status_code == 303
    typed = {"email": "Mistyped@example.com", "password": "wrong"}
    for _ in range(10):
        assert client.post("/sign-in", data=typed).status_code == 403
    slowed(client.post("/sign-in", data={**typed, "email": "mistyped@example.com "}))
    right = {"email": "neighbour@example.com", "password": PASSWORD}
    assert client.post("/sign-in", data=right).status_code == 303


def test_a_crowd_of_failures_is_slowed_down(empty, visitor):
    """A hundred failures from one address, by code or password, make it wait: nobody tries every account."""
    client = visitor(empty)
    for _ in range(100):
        assert client.post("/sign-in/code", data={"code": "WRONG"}).status_code == 403
    slowed(client.post("/sign-in/code", data={"code": "WRONG"}))
    slowed(client.post("/sign-in", data={"email": "new@example.com", "password": "wrong"}))


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("short", "short", "12 文字以上"),
        (PASSWORD, "another one", "一致しません"),
        ("x" * 201, "x" * 201, "12 文字以上"),
        *[
            (easy, easy, "推測されやすい")
            for easy in ("passwordpassword", "admin@example.com", "egao12345678", "x" * 200)
        ],
    ],
)
def test_a_password_that_will_not_do(empty, visitor, password, again, words):
    """A password that is too short, too long or not the same twice is refused with the reason."""
    client = visitor(empty)
    enter(client, empty)
    answer = client.post(
        "/password", data={"csrf": csrf(client, "/password"), "password": password, "again": again}
    )

    assert answer.status_code == 400
    assert words in answer.text


def test_a_change_of_password_asks_for_the_present_one(empty, visitor):
    """Whoever finds a browser open cannot lock its owner out; who came by a one-time code forgot it."""
    client = visitor(empty)
    enter(client, empty, email="owner@example.com")
    new = {"password": PASSWORD, "again": PASSWORD}
    assert client.post("/password", data={**new, "csrf": csrf(client, "/password")}).status_code == 303
    other = "seven lamps under water"
    change = {"password": other, "again": other, "csrf": csrf(client, "/password")}
    for current in ({}, {"current": "wrong"}, {"current": other}):
        refused_here = client.post("/password", data={**change, **current})
        assert refused_here.status_code == 403
        assert "いまのパスワードが違います" in refused_here.text
    assert client.post("/password", data={**change, "current": PASSWORD}).status_code == 303
    again = visitor(empty)
    typed = {"email": "owner@example.com", "password": other}
    assert again.post("/sign-in", data=typed).headers["Location"] == "/"
    forgot = visitor(empty)
    forgot.post(
        "/sign-in/code", data={"code": one_time_code(empty, email="owner@example.com"), "then": "password"}
    )
    assert forgot.post("/password", data={**new, "csrf": csrf(forgot, "/password")}).status_code == 303
    done = empty.rows("SELECT did, what FROM audit WHERE did IN ('sign in', 'choose password') ORDER BY id")
    assert [what for did, what in done if did == "sign in"][-2:] == ['{"how": "code"}', '{"how": "password"}']
    assert sum(did == "choose password" for did, _ in done) == 3


def test_signing_out_ends_the_session(empty, visitor):
    """After signing out the cookie opens nothing, even if somebody kept it."""
    client = visitor(empty)
    enter(client, empty)
    kept = dict(client.cookies)
    answer = client.post("/sign-out", data={"csrf": csrf(client, "/")})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")

    thief = visitor(empty)
    thief.cookies.update(kept)
    assert thief.get("/").status_code == 303


@pytest.mark.parametrize("path", ["/sign-out", "/password"])
@pytest.mark.parametrize("token", ["", "0" * 64, None])
def test_a_form_from_elsewhere_is_refused(empty, visitor, path, token):
    """A form without the session's own token changes nothing."""
    client = visitor(empty)
    enter(client, empty)
    data = {"password": PASSWORD, "again": PASSWORD, **({} if token is None else {"csrf": token})}

    refused(client.post(path, data=data), 403, "forbidden")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code"])
def test_what_is_no_form_is_refused(empty, visitor, path):
    """JSON, files, too many fields and too large a body are 4xx, never a 5xx."""
    client = visitor(empty)

    refused(client.post(path, json={"code": "x"}), 415, "unsupported")
    refused(client.post(path, files={"code": b"x"}), 415, "unsupported")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(client.post(path, content=b"&".join(b"a=1" for _ in range(50)), headers=form), 400, "invalid")
    refused(client.post(path, content=b"code=%FF", headers=form), 400, "invalid")
    refused(client.post(path, content="code=é".encode(), headers=form), 400, "invalid")
    refused(client.post(path, content=b"a" * (1 << 21), headers=form), 413, "too_large")


def test_language_by_browser_and_by_choice(empty, visitor):
    """The page speaks the browser's language, the one that is chosen outranks it and is remembered."""
    english = visitor(empty, **{"Accept-Language": "fr, en;q=0.8, ja;q=0.3"})
    assert '<html lang="en">' in english.get("/sign-in").text
    assert '<html lang="ja">' in visitor(empty).get("/sign-in").text
    assert '<html lang="ja">' in english.get("/sign-in?lang=ja").text
    assert '<html lang="ja">' in english.get("/sign-in").text
    assert '<html lang="ja">' in english.get("/sign-in?lang=xx").text


def test_every_page_forbids_foreign_code(empty, visitor):
    """The content security policy allows nothing inline or from elsewhere, and pages have neither."""
    client = visitor(empty)
    enter(client, empty)
    for path in ("/", "/sign-in", "/password", "/live/overview"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert not re.search(r"<script(?! src=\"/static/)", answer.text)
        assert not re.search(r" on[a-z]+=", answer.text)
        assert "http://" not in answer.text.replace(str(client.base_url).rstrip("/"), "")
        assert "https://" not in answer.text
