"""Every setting of head office, one row each: it makes the flags, the environment's names and the docs.

Read by `cli`, which hands one frozen value to all others. May touch nothing; the environment is passed in.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "EGAO_HEADOFFICE_"


class UnreadableSetting(ValueError):  # noqa: N818 - named for what people are told
    """A flag or a variable whose value cannot be what it is for; its text names it and the mend."""


@dataclass(frozen=True)
class Field:
    """One setting. `where` says which commands take it: all of them, or `serve` alone."""

    name: str
    kind: type[str | int]
    default: str | int | None
    help: str
    where: str = "serve"
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """Its spelling on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper()

    def read(self, text: str, *, source: str) -> str | int:
        """Read what was written for it; raises UnreadableSetting, naming the source."""
        if self.choices and text not in self.choices:
            raise UnreadableSetting(f"{source}: {text!r} is none of {', '.join(self.choices)}")
        if self.kind is str:
            return text
        try:
            number = int(text)
        except ValueError:
            raise UnreadableSetting(f"{source}: {text!r} is not a whole number") from None
        if not self.low <= number <= self.high:
            raise UnreadableSetting(f"{source}: {number} is not from {self.low} to {self.high}")
        return number


FIELDS = (
    Field(
        "config",
        str,
        None,
        "TOML file with any of these settings; flags and environment win",
        where="everywhere",
    ),
    Field("data", str, None, "directory that holds the database", where="everywhere"),
    Field(
        "database",
        str,
        None,
        "database URL, instead of --data: sqlite:////path/to/file or postgresql://user@host/database",
        where="everywhere",
    ),
    Field("host", str, "127.0.0.1", "address to listen on"),
    Field("port", int, 8400, "port to listen on; 0 takes a free one", high=65535),
    Field(
        "trusted_proxies", str, "127.0.0.1", "addresses of reverse proxies whose X-Forwarded-… are believed"
    ),
    Field(
        "queue_requests", int, 1000, "requests that may wait to be stored; beyond: 503", low=1, high=100_000
    ),
    Field(
        "queue_mib", int, 64, "memory that request bodies may take together; beyond: 503", low=4, high=4096
    ),
    Field(
        "writer",
        str,
        "auto",
        "what stores taps: a process of its own, or a thread of the server; "
        "auto: a process where there are two processors",
        choices=("auto", "process", "thread"),
    ),
    Field(
        "silent_after_min",
        int,
        15,
        "minutes after which a kiosk that does not call is silent",
        low=5,
        high=10_080,
    ),
    Field("keep_verbatims_days", int, 730, "days that open text is kept; 0: for ever", high=36_500),
    Field(
        "keep_taps_days",
        int,
        0,
        "days that taps are kept after they came; their counts stay; 0: for ever",
        high=36_500,
    ),
    Field("keep_audit_days", int, 0, "days that the audit is kept; 0: for ever", high=36_500),
    Field(
        "requests_per_minute",
        int,
        30_000,
        "requests a minute of one token; beyond: 429",
        low=1,
        high=10_000_000,
    ),
    Field(
        "public_url",
        str,
        None,
        "address that people and kiosks reach head office at, such as https://egao.example; "
        "nothing: as the browser wrote it",
    ),
    Field(
        "oidc_issuer",
        str,
        None,
        "OpenID Connect provider to sign in by, such as https://login.example; nothing: none",
    ),
    Field("oidc_client_id", str, None, "what the provider calls head office"),
    Field("oidc_secret_file", str, None, "file with the client's secret; nothing: a public client"),
    Field("oidc_role_claim", str, "groups", "claim whose values give a role, by --oidc-roles"),
    Field(
        "oidc_roles",
        str,
        None,
        "VALUE=ROLE, parted by commas, such as hq=admin,shops=store_manager; "
        "nothing: only people who were added may come in",
    ),
    Field("oidc_sites_claim", str, "sites", "claim with the sites (id or name) and tags (K=V) of managers"),
    Field(
        "alert_webhook_file",
        str,
        None,
        "file with two lines: the address that alerts are posted to, and the secret that signs them "
        "(whsec_…); nothing: they are told to nobody",
    ),
    Field("log_format", str, "text", "text, or json for one object a line", choices=("text", "json")),
    Field(
        "body_timeout_s",
        int,
        20,
        "seconds a request's head, and then its body, may take to arrive",
        low=1,
        high=600,
    ),
    Field("stop_timeout_s", int, 10, "seconds that running requests get to end at a stop", low=1, high=600),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force; names and units as in FIELDS."""

    data: Path
    database: str | None
    host: str
    port: int
    trusted_proxies: str
    queue_requests: int
    queue_mib: int
    writer: str
    silent_after_min: int
    keep_verbatims_days: int
    keep_taps_days: int
    keep_audit_days: int
    requests_per_minute: int
    public_url: str | None
    oidc_issuer: str | None
    oidc_client_id: str | None
    oidc_secret_file: str | None
    oidc_role_claim: str
    oidc_roles: str | None
    oidc_sites_claim: str
    alert_webhook_file: str | None
    log_format: str
    body_timeout_s: int
    stop_timeout_s: int


def resolve(flags: Mapping[str, str | None], environment: Mapping[str, str]) -> Settings:
    """Settle each setting: the flag, else the environment, else the file, else the default.

    Raises UnreadableSetting.
    """
    path = flags.get("config") or environment.get(f"{PREFIX}CONFIG")
    file = {} if not path else read_file(Path(path))
    values: dict[str, str | int | None] = {}
    for field in FIELDS:
        flag = flags.get(field.name)
        variable = environment.get(field.variable)
        if flag is not None:
            values[field.name] = field.read(flag, source=field.flag)
        elif variable:
            values[field.name] = field.read(variable, source=field.variable)
        elif field.name in file:
            values[field.name] = field.read(file[field.name], source=f"{path}: {field.name}")
        else:
            values[field.name] = field.default
    values.pop("config")
    data = values.pop("data")
    return Settings(data=Path(str(data)) if data else default_data(environment), **values)  # type: ignore[arg-type]


def read_file(path: Path) -> dict[str, str]:
    """Read the settings of a TOML file, as if they had been written on the command line.

    Raises UnreadableSetting with every key that is unknown, or whose value is neither text nor number.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableSetting(f"--config {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise UnreadableSetting(f"--config {path}: {error}") from error
    known = {field.name for field in FIELDS} - {"config"}
    faults = [f"there is no setting {name!r}" for name in document if name not in known]
    faults += [
        f"{name} must be a text or a whole number"
        for name, value in document.items()
        if name in known and (isinstance(value, bool) or not isinstance(value, str | int))
    ]
    if faults:
        raise UnreadableSetting(f"--config {path}: {'; '.join(faults)}")
    return {name: str(value) for name, value in document.items()}


def default_data(environment: Mapping[str, str]) -> Path:
    """Tell where the data directory is unless somebody says otherwise."""
    shared = environment.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(shared) / "egao-headoffice"
