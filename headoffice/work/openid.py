"""Ask an OpenID Connect provider who somebody is: the code flow with PKCE, state and nonce.

Called by `web.openid`. The only place that knows authlib and joserfc.
May ask the provider that the administrator's settings name, by way of `work.outgoing`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from headoffice.problems import SignInRefused
from headoffice.work.outgoing import Outgoing, Unanswered, check_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headoffice.work.openid_client import Client

SCOPE = "openid email profile"
KNOWN_MS = 3600 * 1000  # for so long the provider's own description and keys are taken as they were
FAILED_MS = 5000  # for so long a provider that did not answer is not asked again
LEEWAY_S = 60
# By a key that only the provider has: neither `none` nor the HMACs, whose key would be our own secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
WANTED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Handshake:
    """One sign-in, by the one secret that the browser keeps meanwhile; all else is made of it."""

    secret: str = field(repr=False)

    @property
    def state(self) -> str:
        """What the provider gives back: shows that this browser asked."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """What stands in the token: shows that it was made for this sign-in."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """What the code can be exchanged with (PKCE); nobody on the way has seen it."""
        return self._derived("verifier")

    def _derived(self, what: str) -> str:
        hashed = hashlib.sha256(f"{what}:{self.secret}".encode()).digest()
        return base64.urlsafe_b64encode(hashed).decode().rstrip("=")


class Provider:
    """The provider, and what it lately said of itself."""

    def __init__(self, client: Client, *, now_ms: Callable[[], int]) -> None:
        self.client = client
        self._now_ms = now_ms
        self._outgoing = Outgoing(client.issuer)
        self._lock = asyncio.Lock()
        self._described: Mapping[str, Any] = {}
        self._described_at = 0
        self._keys: Mapping[str, Any] | None = None
        self._failed: tuple[int, str] | None = None

    async def way(self, handshake: Handshake, *, back: str) -> str:
        """Give the address a browser is sent to; the provider sends it `back`. Raises SignInRefused."""
        described = await self._description()
        return str(
            prepare_grant_uri(
                described["authorization_endpoint"],
                client_id=self.client.id,
                response_type="code",
                redirect_uri=back,
                scope=SCOPE,
                state=handshake.state,
                nonce=handshake.nonce,
                code_challenge=create_s256_code_challenge(handshake.verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(self, handshake: Handshake, *, code: str, back: str) -> Mapping[str, Any]:
        """Exchange a code for what the provider says of somebody, checked. Raises SignInRefused."""
        try:
            tokens = await self._exchange(handshake, code=code, back=back)
            claims = await self._checked(tokens, handshake)
            return {**await self._more(tokens, claims), **claims}
        except Unanswered as error:
            raise SignInRefused("unreachable", str(error)) from error
        except (JoseError, ValueError) as error:
            raise SignInRefused("forged", f"the provider's token does not hold: {error}") from error

    async def _exchange(self, handshake: Handshake, *, code: str, back: str) -> Mapping[str, Any]:
        described = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": handshake.verifier,
        }
        headers = {}
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self.client.secret is None:
            form["client_id"] = self.client.id
        elif "client_secret_basic" in methods:
            pair = f"{quote_plus(self.client.id)}:{quote_plus(self.client.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.client.id, "client_secret": self.client.secret}
        answer = await self._outgoing.post(described["token_endpoint"], form, headers=headers)
        error = answer.document.get("error")
        if error is not None:
            reason = "stale" if error == "invalid_grant" else "unreachable"
            raise SignInRefused(reason, f"the provider does not exchange the code: {str(error)[:100]!r}")
        if not isinstance(answer.document.get("id_token"), str):
            raise Unanswered(f"the token endpoint answers {answer.status} without an id_token")
        return answer.document

    async def _checked(self, tokens: Mapping[str, Any], handshake: Handshake) -> Mapping[str, Any]:
        """Check signature, issuer, audience, time and nonce. Raises JoseError, ValueError, Unanswered."""
        written = tokens["id_token"]
        try:
            token = self._decoded(written, await self._key_set())
        except (JoseError, ValueError):  # it may sign with a new key
            token = self._decoded(written, await self._key_set(again=True))
        client = self.client
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": client.issuer},
                "aud": {"essential": True, "value": client.id},
            },
            {"nonce": handshake.nonce, "client_id": client.id, "access_token": tokens.get("access_token")},
        )
        claims.validate(now=self._now_ms() // 1000, leeway=LEEWAY_S)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ValueError("it names nobody")
        return dict(claims)

    def _decoded(self, written: str, keys: KeySet) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        return jwt.decode(written, keys, registry=registry)

    async def _more(self, tokens: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the provider tells beside the token, where it does; of nobody else than the token."""
        described = await self._description()
        asked, token = described.get("userinfo_endpoint"), tokens.get("access_token")
        if asked is None or not isinstance(token, str):
            return {}
        answer = await self._outgoing.get(asked, headers={"Authorization": f"Bearer {token}"})
        if answer.document.get("sub") != claims["sub"]:
            raise ValueError("the provider tells of somebody else than its token")
        return answer.document

    async def _key_set(self, *, again: bool = False) -> KeySet:
        if self._keys is None or again:
            described = await self._description()
            self._keys = (await self._outgoing.get(described["jwks_uri"])).document
        return KeySet.import_key_set(dict(self._keys))  # type: ignore[arg-type]

    async def _description(self) -> Mapping[str, Any]:
        async with self._lock:
            now = self._now_ms()
            if self._described and now - self._described_at < KNOWN_MS:
                return self._described
            if self._failed is not None and now - self._failed[0] < FAILED_MS:
                raise SignInRefused("unreachable", self._failed[1])
            try:
                self._described = await self._read_description()
            except Unanswered as error:
                self._failed = now, str(error)
                raise SignInRefused("unreachable", str(error)) from error
            self._described_at, self._keys, self._failed = now, None, None
            return self._described

    async def _read_description(self) -> Mapping[str, Any]:
        issuer = self.client.issuer
        answer = await self._outgoing.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        found = answer.document
        if found.get("issuer") != issuer:
            raise Unanswered(f"{issuer} answers {answer.status} as issuer {found.get('issuer')!r}")
        for name in WANTED:
            check_address(found.get(name), named=issuer)
        return found
