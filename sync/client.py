"""I speak to head office over HTTP: five calls, each with an end in time and a cap in size.

``push``, ``pull`` and the kiosk's ``enrol`` command call me; any thread may, one exchange goes at a time.
I alone know requests (and urllib3 beneath it); I keep nothing on disk.
"""

from __future__ import annotations

import json
import ssl
import threading
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from sync import contract
from sync.body import GZIP, ZSTD, pack, unpack
from sync.clocks import Clocks
from sync.errors import Closed, SyncError, Unreachable
from sync.exchange import Exchange, Line
from sync.verdict import Answer, error_in, unreachable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from sync.contract import Ack, Enrolled, Made, Published

_CHUNK_BYTES = 16 * 1024
_PNG = "image/png"
_LET_GO_S = 0.5  # how long a connection that was cut may take to notice
_KEEP_S = 2.0  # an idle connection is not trusted longer: routers forget it, and a write into it is lost

# AttributeError: urllib3 goes on to read from a connection that was reset while it wrote, and finds none.
_BROKEN = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError, AttributeError)


def authorities() -> str:
    """Name the file or folder of the authorities that this device trusts: the system's, else requests' own.

    An authority of one's own is installed as for every other program (update-ca-certificates, SSL_CERT_FILE).
    """
    system = ssl.get_default_verify_paths()  # names only what is there, and None for what is not
    file, folder = Path(system.cafile or "absent"), Path(system.capath or "absent")
    if not file.is_file() and any(folder.glob("*.0")):
        return str(folder)  # of which OpenSSL reads only what it wants
    return str(file) if file.is_file() else str(DEFAULT_CA_BUNDLE_PATH)


class _Connection:
    """A kept-alive connection to one server, without what a Session adds.

    No redirects (a Session reads even one that it does not follow to its end), no cookies, netrc or proxies.
    """

    def __init__(self, *, timeout_s: float, cap_bytes: int, ca_file: str | None) -> None:
        self._line = Line()
        self._timeout_s = timeout_s
        self._cap_bytes = cap_bytes
        self._verify = ca_file or authorities()
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
        self._adapter.poolmanager.pool_classes_by_scheme = {
            "http": _pool_through(self._line, HTTPConnectionPool, HTTPConnection, timeout_s),
            "https": _pool_through(self._line, HTTPSConnectionPool, HTTPSConnection, timeout_s),
        }

    def perform(self, request: requests.PreparedRequest) -> Answer:
        """Send and read to the end; whoever waits may ``cut`` meanwhile."""
        response = self._adapter.send(request, stream=True, timeout=self._timeout_s, verify=self._verify)
        raw = response.raw
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body = unpack(
                _chunks(raw.read),
                encoding=headers.get("content-encoding", "").strip().lower(),
                cap_bytes=self._cap_bytes,
            )
            raw.release_conn()
        finally:
            raw.close()
        return Answer(response.status_code, headers, body)

    def cut(self) -> None:
        """End it now, from any thread."""
        self._line.cut()
        self._adapter.close()


class Client:
    """Head office, as the kiosk sees it.

    ``server`` is an address such as ``https://office.example:8443/egao``, ``ca_file`` has the certificates of
    other authorities than the device's. Every call raises a SyncError when it fails, at the latest a moment
    after ``deadline_s``.
    """

    def __init__(  # noqa: PLR0913 - one argument for each thing that a test or a store has to choose
        self,
        server: str,
        key: str | None = None,
        *,
        deadline_s: float = 30.0,
        max_answer_bytes: int = contract.MAX_ANSWER_BYTES,
        ca_file: str | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        self._server = server.rstrip("/")
        self._key = key
        self._deadline_s = deadline_s
        self._clocks = clocks or Clocks()
        self._connect = partial(
            _Connection, timeout_s=deadline_s + _LET_GO_S, cap_bytes=max_answer_bytes, ca_file=ca_file
        )
        self._one = threading.Lock()  # held during an exchange: connection and used_at belong to its holder
        self._connection: _Connection | None = None
        self._used_at_s = 0.0
        self._packing = ZSTD
        self._gate = threading.Lock()  # held for a moment: exchange and closed are looked at by other threads
        self._exchange: Exchange[Answer] | None = None
        self._closed = False

    def enrol(self, code: str, name: str) -> Enrolled:
        """Trade a one-time code for this kiosk's key and place."""
        answer = self._ask("POST", contract.ENROL, _json({"code": code, "name": name}))
        return contract.read_enrolled(self._body(answer, 200, 201))

    def send(self, body: bytes, *, ledger: str, first: int, last: int) -> Ack:
        """Send an encoded batch of taps ``first`` … ``last`` and give head office's word about it."""
        answer = self._ask("POST", contract.TAPS, body)
        return contract.read_ack(
            self._body(answer, 200), ledger=ledger, batch=contract.digest(body), first=first, last=last
        )

    def programme(self, etag: str | None) -> Published | None:
        """Fetch the programme in force, None if it is still the one with this etag."""
        conditions = {} if etag is None else {"If-None-Match": f'"{etag}"'}
        answer = self._ask("GET", contract.PROGRAMME, headers=conditions)
        if etag is not None and answer.status == requests.codes.not_modified:
            return None
        return contract.read_published(self._body(answer, 200))

    def put_survey(self, version: str, document: dict[str, Any], made: Made | None = None) -> None:
        """Give head office a survey version that it does not know, with who made it where that is known."""
        said = {key: value for key, value in vars(made).items() if value is not None} if made else {}
        path = f"{contract.SURVEYS}/{version}" + (f"?{urlencode(said)}" if said else "")
        answer = self._ask("PUT", path, _json(document))
        self._body(answer, 200, 201, 204)

    def put_picture(self, asked: str, png: bytes) -> None:
        """Give head office the picture of the screen that it asked for by a name; ``png`` goes as it is."""
        answer = self._ask("PUT", f"{contract.PICTURE}/{asked}", png, {"Content-Type": _PNG})
        self._body(answer, 200, 204)

    def close(self) -> None:
        """End the exchange in flight and refuse every later one, with Closed; any thread may call it."""
        with self._gate:
            self._closed = True
            if self._exchange is not None:
                self._exchange.end(Closed("the program is ending"))
        with self._one:
            self._drop()

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        with self._one:
            answer = self._exchanged(method, path, body, headers or {})
            if answer.status == requests.codes.unsupported_media_type and self._packing == ZSTD:
                self._packing = GZIP  # something on the way, or an older head office, knows no zstd
                answer = self._exchanged(method, path, body, headers or {})
            return answer

    def _exchanged(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            request = self._request(method, path, body, headers)
            answer = self._begin(request).result(self._deadline_s)
        except SyncError:
            self._drop()
            self._let_go()
            raise
        except _BROKEN as error:
            self._drop()
            raise unreachable(error) from error
        self._used_at_s = self._clocks.monotonic_s()
        return answer

    def _body(self, answer: Answer, *expected: int) -> bytes:
        if answer.status not in expected:
            raise error_in(answer, self._clocks.now())
        return answer.body

    def _request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> requests.PreparedRequest:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "egao-kiosk",
        } | headers
        data = body
        if body is not None and "Content-Type" not in headers:  # what says its type is packed already
            headers |= {"Content-Type": "application/json", "Content-Encoding": self._packing}
            data = pack(body, self._packing)
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key}"
        return requests.Request(method, self._server + path, headers=headers, data=data).prepare()

    def _begin(self, request: requests.PreparedRequest) -> Exchange[Answer]:
        with self._gate:
            if self._closed:
                raise Closed("the program is ending")
            if self._exchange is not None and self._exchange.is_stuck():
                # A name service that hangs cannot be cut: one thread may wait for it, not one more each time.
                raise Unreachable("the network still holds the last attempt: does the name service answer?")
            self._exchange = Exchange(partial(self._fresh().perform, request))
            return self._exchange

    def _fresh(self) -> _Connection:
        if self._connection is None or self._clocks.monotonic_s() - self._used_at_s > _KEEP_S:
            self._drop()
            self._connection = self._connect()
        return self._connection

    def _let_go(self) -> None:
        if self._exchange is not None:
            self._exchange.let_go(_LET_GO_S)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.cut()
            self._connection = None


def _pool_through(
    line: Line,
    pool: type[HTTPConnectionPool],
    connection: type[HTTPConnection],
    timeout_s: float,
) -> type[HTTPConnectionPool]:
    """Give a pool whose connections go through ``line``: urllib3 has no door for this but the class."""

    def new_connection(self: HTTPConnection) -> socket.socket:
        return line.connect(self.host, self.port, timeout_s)

    held = type("LineConnection", (connection,), {"_new_conn": new_connection})
    return type("LinePool", (pool,), {"ConnectionCls": held})


def _chunks(read: Callable[..., bytes]) -> Iterator[bytes]:
    # not raw.stream(): urllib3's own reader of chunked bodies takes a line of any length into memory
    return iter(lambda: read(_CHUNK_BYTES, decode_content=False), b"")


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
