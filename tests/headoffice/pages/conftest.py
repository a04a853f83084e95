import shutil
import time
import tomllib
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from headoffice.store.audit import By
from headoffice.work import access
from survey.parse import version_of
from tests.headoffice.pages.chain import close_chain, make_chain, person
from tests.headoffice.results.asking import client_of, make_tokens
from tests.headoffice.running import RunningOffice
from tests.headoffice.town import Shop, history, open_shop, send_all

QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
QUIET += " --disable-component-update --disable-sync"
XSS = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
SHOPS = (
    Shop("渋谷店", (0.08, 0.17, 0.75), visits=60),
    Shop(XSS, (0.25, 0.25, 0.50), visits=40),
    Shop("St. John's", (0.15, 0.25, 0.60), visits=8, timezone="America/St_Johns"),
)
PASSWORD = "correct horse battery"


def shipped_survey():
    """The survey that a new kiosk asks, with the NPS question asked in every visit."""
    config = Path(__file__).parents[3] / "config.toml"
    document = tomllib.loads(config.read_text("utf-8"))["survey"][0]
    for question in document["question"]:
        question.pop("ask", None)
    return document


def new_office(folder):
    """A head office with the shipped survey in force and tokens to ask it with."""
    office = RunningOffice(folder)
    office.document = shipped_survey()
    office.version = version_of(office.document)
    office.publish(office.document)
    office.tokens = make_tokens(office)
    return office


def one_time_code(office, email="admin@example.com", role="admin", bounds=access.EVERYWHERE):
    """Let somebody in: a code to sign in with once."""
    by = By("test", int(time.time() * 1000))
    return office.change(partial(access.add_person, email=email, role=role, by=by, bounds=bounds))


@pytest.fixture(scope="package")
def office(tmp_path_factory):
    """A head office with three shops, one of which has an attack for a name, and some weeks of taps."""
    office = new_office(tmp_path_factory.mktemp("office"))
    until_ms = int(time.time() * 1000)
    office.senders = []
    for seed, shop in enumerate(SHOPS):
        _, sender = open_shop(office, shop)
        office.senders.append(sender)
        send_all(sender, history(office.document, shop, days=16, until_ms=until_ms, seed=seed))
    yield office
    for sender in office.senders:
        sender.close()
    office.close()


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A chain whose every tap is known."""
    office = make_chain(tmp_path_factory.mktemp("chain"))
    yield office
    close_chain(office)


@pytest.fixture(scope="module")
def signed(chain):
    """Clients of the chain, one a role, signed in once."""
    clients = {}
    bounds = {"store_manager": {"sites": (int(chain.sites["America/New_York"]),)}}
    bounds["region_manager"] = {"tags": {"region": "Amer"}}
    for role in ("admin", "analyst", "region_manager", "store_manager"):
        client = clients[role] = client_of(chain)
        code = person(chain, role, **bounds.get(role, {}))
        assert client.post("/sign-in/code", data={"code": code}).status_code == 303
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def empty(tmp_path):
    """A head office in which nothing has happened yet but that one site was added."""
    office = new_office(tmp_path)
    yield office
    office.close()


@pytest.fixture
def opened():
    """Opens shops: each has a site, a kiosk and a sender that is closed afterwards."""
    senders = []

    def open_one(office, name):
        _, sender = open_shop(office, Shop(name, (0, 0, 1)))
        senders.append(sender)
        return sender

    yield open_one
    for sender in senders:
        sender.close()


@pytest.fixture
def visitor():
    """Makes a browser without a screen: a client that keeps cookies and does not follow redirects."""
    clients = []

    def visit(office, **headers):
        # Without TLS there is nothing to verify, and loading the authorities takes its time.
        client = httpx.Client(base_url=office.url, headers=headers, timeout=20, trust_env=False, verify=False)  # noqa: S501
        clients.append(client)
        return client

    yield visit
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium; Playwright's event loop runs on while it is open, so for one file at a time."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=QUIET.split(), timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture
def look(chromium):
    """Opens the overview as somebody: a page whose complaints are kept in `page.complaints`."""
    contexts = []

    def open_page(
        office,
        *,
        role="admin",
        bounds=access.EVERYWHERE,
        width=1440,
        scheme="light",
        language="ja",
        path="/",
    ):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language
        )
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        email = f"{role}-{len(contexts)}@example.com"
        code = one_time_code(office, email=email, role=role, bounds=bounds)
        answer = context.request.post(f"{office.url}/sign-in/code", form={"code": code}, max_redirects=0)
        assert answer.status == 303
        page.goto(office.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
