"""What a provider says is believed only where it is signed for this sign-in; and nobody else is asked."""

import asyncio
import base64
import gzip
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from headoffice.problems import SignInRefused
from headoffice.work.openid import Handshake, Provider
from headoffice.work.openid_client import Client
from headoffice.work.outgoing import Answer, Outgoing, Unanswered, check_address

ISSUER = "https://login.example"
NOW_S = 1_800_000_000
CLIENT = Client(ISSUER, "egao", "secret" * 8, "groups", {}, "sites")
HANDSHAKE = Handshake("one secret")
ACCESS = "access token"
RIGHT = {"iss": ISSUER, "sub": "7", "aud": "egao", "exp": NOW_S + 60, "iat": NOW_S, "nonce": HANDSHAKE.nonce}
OURS, OTHER = RSAKey.generate_key(2048, {"kid": "1"}), RSAKey.generate_key(2048, {"kid": "1"})


class FakeProvider:
    """Answers as a provider does, with the token it is given."""

    def __init__(self, token, *, keys=(OURS,), told=None, **described):
        self.token, self.keys, self.told, self.asked = token, list(keys), told or {"sub": "7"}, []
        self.described = {
            "issuer": ISSUER,
            **{f"{name}_endpoint": f"{ISSUER}/{name}" for name in ("authorization", "token", "userinfo")},
            "jwks_uri": f"{ISSUER}/keys",
            **described,
        }

    async def get(self, url, *, headers=None):
        self.asked.append(url)
        if url.endswith("openid-configuration"):
            return Answer(200, self.described)
        if url.endswith("keys"):
            key = self.keys.pop(0) if len(self.keys) > 1 else self.keys[0]
            return Answer(200, {"keys": [key.as_dict(private=False)]})
        assert headers == {"Authorization": f"Bearer {ACCESS}"}
        return Answer(200, self.told)

    async def post(self, url, form, *, headers):
        assert (url, "Authorization" in headers) == (self.described["token_endpoint"], True)
        assert form["code_verifier"] == HANDSHAKE.verifier
        return Answer(200, {"id_token": self.token, "access_token": ACCESS})


def signed(changes=None, *, key=OURS, alg="RS256"):
    claims = {name: value for name, value in {**RIGHT, **(changes or {})}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "1"}, claims, key, algorithms=[alg])


def unsigned():
    """A token without a signature, as `alg: none` allows it."""
    return ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=")
        for part in (b'{"alg":"none"}', str(RIGHT).replace("'", '"').encode(), b"")
    )


def claims_of(fake):
    provider = Provider(CLIENT, now_ms=lambda: NOW_S * 1000)
    provider._outgoing = fake
    return asyncio.run(provider.claims(HANDSHAKE, code="c", back="https://egao.example/back"))


def test_a_token_that_holds_is_believed():
    """Signed by the provider, for us, now, for this sign-in: its claims are given, and what it tells."""
    hashed = base64.urlsafe_b64encode(hashlib.sha256(ACCESS.encode()).digest()[:16]).decode().rstrip("=")
    told = {"sub": "7", "email": "a@b.example", "nonce": "not this one"}
    claims = claims_of(FakeProvider(signed({"at_hash": hashed}), told=told))
    assert (claims["sub"], claims["email"], claims["nonce"]) == ("7", "a@b.example", HANDSHAKE.nonce)
    assert claims_of(FakeProvider(signed(), keys=[OTHER, OURS]))["sub"] == "7"  # it signs with a new key


@pytest.mark.parametrize(
    "token",
    [
        *(signed({name: None}) for name in RIGHT),
        signed({"iss": "https://other.example"}),
        signed({"aud": "another"}),
        signed({"aud": ["egao", "another"]}),
        signed({"aud": ["egao", "another"], "azp": "another"}),
        signed({"exp": NOW_S - 61}),
        signed({"nonce": "another"}),
        signed({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
        signed({"sub": 7}),
        signed(key=OTHER),
        signed(key=OctKey.import_key(CLIENT.secret), alg="HS256"),
        unsigned(),
        "no token",
        "",
    ],
)
def test_a_token_that_does_not_hold_opens_nothing(token):
    """A claim that is missing or not ours, another key, no signature, one by our own secret: refused."""
    with pytest.raises(SignInRefused) as refusal:
        claims_of(FakeProvider(token))
    assert refusal.value.reason == "forged"


@pytest.mark.parametrize(
    ("fake", "reason"),
    [
        (FakeProvider(signed(), told={"sub": "8"}), "forged"),
        (FakeProvider(signed(), told={"error": "x"}), "forged"),
        (FakeProvider(None), "unreachable"),
        (FakeProvider(signed(), issuer=f"{ISSUER}/"), "unreachable"),
        (FakeProvider(signed(), jwks_uri="http://169.254.169.254/keys"), "unreachable"),
        (FakeProvider(signed(), token_endpoint="https://127.0.0.1/token"), "unreachable"),
    ],
)
def test_a_provider_that_is_odd_opens_nothing(fake, reason):
    """Somebody else's particulars, no token, another issuer, endpoints inside this machine: refused."""
    with pytest.raises(SignInRefused) as refusal:
        claims_of(fake)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("url", "named", "may"),
    [
        ("https://keys.login.example/k", ISSUER, True),
        ("http://login.example", ISSUER, False),
        ("http://127.0.0.1:5/x", "http://127.0.0.1:5", True),
        ("http://[::1]:5/x", "http://localhost:5", True),
        ("http://127.0.0.1:5/x", ISSUER, False),
        ("https://localhost/x", ISSUER, False),
        ("http://login.example", "http://127.0.0.1:5", False),
        ("https://user@login.example", ISSUER, False),
        ("file:///etc/passwd", ISSUER, False),
        ("https://login.example/\n", ISSUER, False),
        ("", ISSUER, False),
        (None, ISSUER, False),
    ],
)
def test_only_where_the_settings_lead_is_asked(url, named, may):
    """Https everywhere; this machine and plain http only where the settings themselves name this machine."""
    if may:
        assert check_address(url, named=named) == url
    else:
        with pytest.raises(Unanswered):
            check_address(url, named=named)


class Odd(BaseHTTPRequestHandler):
    def do_GET(self):
        packed = gzip.compress(b'{"a": 1}')
        answers = {
            "/elsewhere": (302, {"Location": "/fine"}, b""),
            "/fine": (200, {}, b'{"a": 1}'),
            "/large": (200, {}, b'{"a": "' + b"x" * (2 << 20) + b'"}'),
            "/packed": (200, {"Content-Encoding": "gzip"}, packed),
            "/list": (200, {}, b"[1]"),
            "/deep": (200, {}, b"[" * 100_000),
        }
        status, headers, body = answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_an_odd_server_does_no_harm():
    """A redirect is not followed, no answer is larger than a megabyte or unpacked, other JSON is none."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"

    async def ask():
        outgoing = Outgoing(url)
        assert await outgoing.get(f"{url}/fine") == Answer(200, {"a": 1})
        assert (await outgoing.get(f"{url}/elsewhere")).status == 302
        assert await outgoing.get(f"{url}/list") == await outgoing.get(f"{url}/deep") == Answer(200, {})
        for path in ("large", "packed"):
            with pytest.raises(Unanswered):
                await outgoing.get(f"{url}/{path}")

    try:
        asyncio.run(ask())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with pytest.raises(Unanswered):
        asyncio.run(Outgoing(url).get(f"{url}/fine"))
