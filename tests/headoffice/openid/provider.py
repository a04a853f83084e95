"""A real OpenID Connect provider on loopback, and a browser without a screen that goes there and back."""

import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

NODE = Path(__file__).parents[2] / "node"
SECRET = "a secret / with + signs:&é"[:-1]


class RunningProvider:
    """The provider, by its own process."""

    def __init__(self, process):
        self._process = process
        self.issuer = process.stdout.readline().strip()
        self._client = {}

    def tell(self, *, back=None, people):
        """Say where it may send browsers, the first time; and who there is: their name there → claims."""
        if back:
            self._client = {"client_id": "egao", "client_secret": SECRET, "redirect_uris": [back]}
        written = json.dumps({"client": self._client, "people": people})
        self._process.stdin.write(written + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "ready\n"


@contextmanager
def running():
    """Start the provider; skips where Node.js or its packages are not there."""
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip(
            "needs Node.js 20 and `npm ci` in tests/node (deploy/setup.sh does it where npm is there)"
        )
    process = subprocess.Popen(
        [node, "provider.mjs"],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield RunningProvider(process)
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


class Browser:
    """Keeps cookies, and follows by hand."""

    def __init__(self, office):
        self.client = httpx.Client(base_url=office.url, timeout=20, trust_env=False, verify=False)  # noqa: S501 - no TLS here
        self.office = office

    def sent_back(self, sub):
        """Sign in at the provider as somebody; give the address that it sends the browser back to."""
        answer = self.client.get("/sign-in/openid")
        assert answer.status_code == 303, answer.text
        while True:
            here = str(answer.url)
            if answer.is_redirect:
                there = urljoin(here, answer.headers["location"])
                if there.startswith(self.office.url):
                    return there
                answer = self.client.get(there)
                continue
            (action,) = re.findall(r'<form[^>]* action="([^"]+)"', answer.text)
            (prompt,) = re.findall(r'name="prompt" value="(\w+)"', answer.text)
            form = {"prompt": prompt, "login": sub, "password": "x"}
            answer = self.client.post(urljoin(here, action), data=form)

    def enter(self, sub):
        """Sign in as somebody, and say what comes of it."""
        return self.client.get(self.sent_back(sub))

    def close(self):
        self.client.close()
