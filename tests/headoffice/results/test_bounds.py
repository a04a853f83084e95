"""Who sees which sites: every route, asked as somebody who is bound to one site, about another."""

import hashlib
import json
import re
from functools import partial
from http import HTTPStatus

import pytest
from starlette.routing import Mount, Route

from headoffice.app import make_app
from headoffice.problems import Invalid, KeyRevoked, Unknown
from headoffice.store import kiosks, people, sight
from headoffice.store.audit import By
from headoffice.store.people import ROLES
from headoffice.store.sight import only
from headoffice.work import access, alert, sign_in
from headoffice.work.access import Bounds
from headoffice.work.secrets import hash_key
from tests.headoffice.kiosk_side import new_id, refused, tap
from tests.headoffice.results.asking import client_of, send_faces
from tests.headoffice.results.conftest import survey, version_of
from tests.headoffice.running import RunningOffice
from tests.headoffice.town import Shop, open_shop

SECRETS = ("Himitsu", "himitsu-desk", "himitsu word")
BY = By("test", 1)
ASKED = {"metric": "csat", "by": "site", "grain": "day"}
OPEN_TO_ALL = {"/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/sign-in", "/sign-in/code"}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Two sites with answers, words and alerts; tokens and people who are bound to one of them."""
    office = RunningOffice(tmp_path_factory.mktemp("bounds"))
    office.publish(survey())
    office.ours, mine = open_shop(office, Shop("Ours", (0, 0, 1), touchpoint="our-desk"))
    office.theirs, other = open_shop(office, Shop("Himitsu", (0, 0, 1), touchpoint="himitsu-desk"))
    for sender, word in ((mine, "our word"), (other, "himitsu word")):
        last = send_faces(sender, version_of(survey()), *["happy"] * 12)
        words = {"survey": version_of(survey()), "question": "words"}
        sender.acked([tap(last + n, visit=new_id(), answer=f"{word} {n}", **words) for n in range(12)])
        sender.acked([], first=last + 12, health={"problems": [word]})
        sender.close()
    office.tokens = {
        scope: office.change(partial(access.make_token, name=scope, scope=scope, by=BY, bounds=bounds))
        for scope, bounds in (
            ("aggregates", Bounds([office.ours])),
            ("results", Bounds([office.ours])),
            ("admin", Bounds()),
        )
    }
    now = office.context.now_ms()
    with office.database.read() as connection:
        found = alert.look(connection, now_ms=now, silent_after_ms=900_000)
    office.change(partial(alert.settle, change=found, now_ms=now))
    office.cookies = {role: signed_in(office, role) for role in ROLES}
    yield office
    office.close()


def signed_in(office, role, *, email=None):
    """The cookie of somebody of a role; managers are bound to the first site."""
    bounds = Bounds([office.ours]) if role in people.BOUND else Bounds()
    email = email or f"{role}@ours.example"
    office.change(partial(access.add_person, email=email, role=role, by=BY, bounds=bounds))
    now = office.context.now_ms()

    def enter(connection):
        return sign_in.open_session(
            connection, person=people.person_by_email(connection, email).id, now=now, how="password"
        )

    return office.change(enter)


def every_route(office):
    """Each path and method that is served; its own parts are filled with what belongs to the other site."""
    mark = office.value("SELECT mark FROM verbatims WHERE text = 'himitsu word 1'")
    filled = {"verbatim": f"{mark:016x}", "version": "0" * 12, "kiosk": "2", "site": str(office.theirs)}
    for route in make_app(office.context).routes:
        assert isinstance(route, Route | Mount)
        if isinstance(route, Route):
            path = re.sub(r"{(\w+)[^}]*}", lambda part: filled.get(part[1], "2"), route.path)
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield method, path


def test_no_route_gives_a_foreign_site_away(office):
    """Every route × every token and role: who is bound to one site reads nothing of the other anywhere."""
    leaks, read, seen_by_admin = [], 0, ""
    for method, path in every_route(office):
        for who in (*office.tokens, *ROLES, "nobody"):
            with client_of(office, who if who in office.tokens else None) as client:
                if who in ROLES:
                    client.cookies.set("egao_session", office.cookies[who])
                for site in (None, str(office.theirs), "Himitsu"):
                    asked = {**ASKED, "site": site} if site else ASKED
                    answers = [client.request(method, path, params=asked)]
                    if site is None:
                        answers.append(client.request(method, path))
                    # Who names a site that is unknown to them is told that name again, and nothing else.
                    shown = [
                        each for each in answers if not (site and each.status_code == HTTPStatus.BAD_REQUEST)
                    ]
                    text = "".join(f"{answer.text}{dict(answer.headers)}" for answer in shown)
                    assert all(answer.status_code < 500 for answer in answers), (method, path, who)
                    read += len(answers)
                    if who in {"admin", "analyst"}:
                        seen_by_admin += text
                    elif any(secret in text for secret in SECRETS):
                        leaks.append((method, path, who, site))
    assert leaks == []
    assert read > 500
    assert all(secret in seen_by_admin for secret in SECRETS)  # so the net has no hole


def test_no_form_changes_a_foreign_site(office):
    """Every form × every role below admin, with a valid form token, about the other site: nothing changes."""
    mark = office.value("SELECT mark FROM verbatims WHERE text = 'himitsu word 1'")
    about = {
        "site": str(office.theirs),
        "kiosk": "2",
        "verbatim": f"{mark:016x}",
        "action": "hide",
        "person": "1",
        "email": "admin@ours.example",
        "role": "admin",
        "token": "1",
        "scope": "admin",
        "days": "1",
        "name": "Forged",
        "touchpoint": "forged",
        "timezone": "Asia/Tokyo",
        "tags": "a=b",
        "tag": "a=b",
        "overlap": "1",
        "rules": "{}",
        "tried": "1",
        "sites": str(office.theirs),
    }
    before, asked = changeable(office), 0
    for role in sorted(set(ROLES) - {"admin"}):
        cookie = office.cookies[role]
        token = hashlib.sha256(b"form:" + cookie.encode()).hexdigest()
        for method, path in every_route(office):
            if method != "POST" or path.startswith(("/api/", "/kiosk/", "/sign-", "/password")):
                continue
            with client_of(office) as client:
                client.cookies.set("egao_session", cookie)
                answer = client.post(path, data={**about, "csrf": token})
            assert answer.status_code == HTTPStatus.FORBIDDEN, (role, path, answer.status_code)
            assert not any(secret in answer.text for secret in SECRETS)
            asked += 1
    assert asked >= 3 * 10
    assert changeable(office) == before


def changeable(office):
    """All that a form can change."""
    tables = "kiosks", "placements", "kiosk_keys", "enrol_codes", "sites", "site_tags", "people", "tokens"
    named = (*tables, "grants", "verbatims", "misuse_filters", "audit", "programmes")
    return {table: sorted(map(repr, office.rows(f"SELECT * FROM {table}"))) for table in named}  # noqa: S608 - ours


def test_only_what_is_open_to_all_answers_a_stranger(office):
    """Without token or cookie every route but the few open ones refuses, or sends to the sign-in."""
    with client_of(office) as client:
        for method, path in every_route(office):
            status = client.request(method, path).status_code
            assert status in ({200, 400, 415} if path in OPEN_TO_ALL else {303, 400, 401, 403}), (
                method,
                path,
            )


def test_a_filter_by_a_foreign_site_is_the_same_as_by_none(office):
    """A site that may not be seen is as unknown as one that is not there, by name and by number."""
    with client_of(office, "results") as client:
        for named in ("Himitsu", str(office.theirs), "999", "Nowhere"):
            answer = client.get("/api/v1/metrics", params={"metric": "csat", "site": named})
            [fault] = refused(answer, 400, "invalid")["faults"]
            assert fault["message"] == f'"{named}" is unknown'
        assert client.get("/api/v1/metrics", params={"metric": "csat"}).json()["rows"][0]["n"] == 12


def test_aggregates_reads_no_tap_and_results_no_change(office):
    """A token of scope aggregates gets no single tap or visit; only admin may change anything."""
    with client_of(office, "aggregates") as client:
        for path in ("taps", "visits"):
            refused(client.get(f"/api/v1/{path}"), 403, "forbidden")
        assert client.get("/api/v1/verbatims").json()["verbatims"]
    with client_of(office, "results") as client:
        assert client.get("/api/v1/taps?limit=all").json()["taps"]
        refused(client.post("/api/v1/misuse", content=b'{"rules":{}}'), 403, "forbidden")


def test_bounds_follow_tags_and_roles(office):
    """By tag every site with it is seen, from the moment it has it; admins and analysts cannot be bound."""
    by_tag = Bounds(tags={"region": "kanto"})
    secret = office.change(partial(access.make_token, name="r", scope="results", by=BY, bounds=by_tag))
    office.tokens["kanto"] = secret
    with client_of(office, "kanto") as client:
        assert client.get("/api/v1/sites").json()["sites"] == []
        assert client.get("/api/v1/taps").json()["taps"] == []
        office.change(
            partial(access.add_site, name="Chiba", timezone="Asia/Tokyo", tags={"region": "kanto"}, by=BY)
        )
        assert [site["name"] for site in client.get("/api/v1/sites").json()["sites"]] == ["Chiba"]
    del office.tokens["kanto"]
    for made in (
        partial(access.make_token, name="a", scope="admin", by=BY, bounds=by_tag),
        partial(access.add_person, email="a@b.example", role="analyst", by=BY, bounds=by_tag),
    ):
        with pytest.raises(Invalid):
            office.change(made)
    with sight.reading(office.database, frozenset()) as connection:
        assert only(connection, [None], lambda _row: 1) == []


def test_who_is_removed_is_out_at_once_and_forgotten(office):
    """A removed person's session ends, and nothing but the audit's number is left of them."""
    cookie = signed_in(office, "store_manager", email="gone@ours.example")
    with client_of(office) as client:
        client.cookies.set("egao_session", cookie)
        assert client.get("/").status_code == 200
        office.change(partial(access.remove_person, email="Gone@ours.example", by=BY))
        assert client.get("/").status_code == 303
    for table in ("people", "sessions", "grants", "audit"):
        assert "gone@" not in str(office.rows(f"SELECT * FROM {table}"))  # noqa: S608 - names of this test
    with pytest.raises(Unknown):
        office.change(partial(access.remove_person, email="gone@ours.example", by=BY))


def test_tokens_end_and_keys_overlap(office):
    """A token ends with its days or when it is revoked; an old key works until its overlap is over."""
    now, day = office.context.now_ms(), 24 * 3600 * 1000
    by = By("test", now - 2 * day)
    office.tokens["old"] = office.change(partial(access.make_token, name="o", scope="results", by=by, days=1))
    office.tokens["taken"] = office.change(partial(access.make_token, name="t", scope="results", by=by))
    with client_of(office, "old") as old, client_of(office, "taken") as taken:
        refused(old.get("/api/v1/sites"), 401, "unauthorised")
        assert taken.get("/api/v1/sites").status_code == 200
        number = office.value("SELECT id FROM tokens WHERE name = 't'")
        office.change(partial(access.revoke_token, token=number, by=BY))
        refused(taken.get("/api/v1/sites"), 401, "unauthorised")
    del office.tokens["old"], office.tokens["taken"]

    first = office.key()
    kiosk = office.value("SELECT max(id) FROM kiosks")
    second = office.change(partial(access.rotate_key, kiosk=kiosk, overlap_ms=1000, by=By("test", now)))

    def works(key, at):
        with office.database.read() as connection:
            return kiosks.standing(connection, hash_key(key), now=at).kiosk == kiosk

    assert works(first, now + 999)
    assert works(second, now + day)
    with pytest.raises(KeyRevoked):
        works(first, now + 1000)
    office.change(partial(access.revoke_keys, kiosk=kiosk, by=BY))
    with pytest.raises(KeyRevoked):
        works(second, now)
    for wrong in (
        partial(access.rotate_key, kiosk=99, overlap_ms=1, by=BY),
        partial(access.revoke_token, token=99, by=BY),
    ):
        with pytest.raises(Unknown):
            office.change(wrong)
    done = {did: json.loads(what) for did, what in office.rows("SELECT did, what FROM audit")}
    assert {"revoke token", "rotate key", "revoke keys"} <= set(done)
