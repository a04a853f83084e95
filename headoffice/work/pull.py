"""Pull the feed from a head office into files, going on from where the last run ended: for cron jobs.

Called by `cli pull`, on any machine that reaches the server. The only place that knows httpx.
May touch the target folder and the cursor's file.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import httpx

from headoffice.problems import DataUnusable, InUse

LOG = logging.getLogger(__name__)
PATH = "/api/v1/taps"
PAGE = 10_000
TIMEOUT_S = 60
TRIES = 6
LONGEST_WAIT_S = 60.0
FIRST_WAIT_S = 1.0
TOO_LATE = "retention let taps go before they were pulled; their counts stay in the tallies: pull more often"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where to pull from, and as whom; `format` is what the files are in."""

    url: str
    token: str
    format: str = "ndjson"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a folder is: the cursor after the last file, how many files, and the one being put in place."""

    cursor: str = ""
    files: int = 0
    next: str | None = None


def pull(
    source: Source, *, cursor_file: Path, folder: Path, wait: Callable[[float], None] = time.sleep
) -> list[Path]:
    """Bring everything that is new into files, at most 10,000 taps each; returns the files, oldest first.

    A file appears under its name only when it is whole, and never changes. Whenever this is interrupted, the
    next run neither misses a tap nor repeats one. Raises DataUnusable, InUse.
    """
    new: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(cursor_file), _client(source) as client:
            standing = _finish(_read(cursor_file), cursor_file, folder, source.format)
            more = True
            while more:
                standing, more, file = _page(client, source, standing, cursor_file, folder, wait)
                new += [file] if file is not None else []
    except OSError as error:
        raise DataUnusable(f"{error.filename or folder}: {error.strerror}") from error
    return new


def _page(  # noqa: PLR0913, PLR0917 - one page's whole way, in one place
    client: httpx.Client,
    source: Source,
    standing: Standing,
    cursor_file: Path,
    folder: Path,
    wait: Callable[[float], None],
) -> tuple[Standing, bool, Path | None]:
    target = _target(folder, standing.files + 1, source.format)
    part = target.with_name(target.name + ".part")
    after, more = _fetch(client, source, standing.cursor, part, wait)
    if after == standing.cursor:
        part.unlink()
        return standing, False, None
    # Whole on disk before it is promised, promised before it has its name, named before it counts.
    _write(cursor_file, Standing(cursor=standing.cursor, files=standing.files, next=after))
    return _finish(_read(cursor_file), cursor_file, folder, source.format), more, target


def _finish(standing: Standing, cursor_file: Path, folder: Path, form: str) -> Standing:
    """Put a file in place that was promised, and count it."""
    if standing.next is None:
        return standing
    target = _target(folder, standing.files + 1, form)
    part = target.with_name(target.name + ".part")
    if part.exists():
        part.rename(target)
        _sync_folder(folder)
    elif not target.exists():
        raise DataUnusable(f"{target}: was written and is gone; put it back, or begin with a new cursor file")
    done = Standing(cursor=standing.next, files=standing.files + 1)
    _write(cursor_file, done)
    return done


def _fetch(
    client: httpx.Client, source: Source, cursor: str, part: Path, wait: Callable[[float], None]
) -> tuple[str, bool]:
    """Bring the next page into a file, to the disk; returns the cursor after it and whether there is more."""
    asked = {"after": cursor, "limit": str(PAGE), "format": source.format}
    pause_s = FIRST_WAIT_S
    for last in (*[False] * (TRIES - 1), True):
        try:
            with client.stream("GET", PATH, params=asked) as answer:
                if answer.status_code == HTTPStatus.OK and "Egao-Next" in answer.headers:
                    with part.open("wb") as file:
                        for piece in answer.iter_bytes():
                            file.write(piece)
                        file.flush()
                        os.fsync(file.fileno())
                    if cursor and answer.headers.get("Egao-Let-Go") == "true":
                        LOG.warning("%s: %s", source.url, TOO_LATE)
                    return answer.headers["Egao-Next"], answer.headers.get("Egao-More") == "true"
                answer.read()
                retry = answer.headers.get("Retry-After", "")
                why = f"answered {answer.status_code}: {_words(answer)}"
                if answer.status_code not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
                    raise DataUnusable(f"{source.url} {why}")
        except httpx.HTTPError as error:
            retry, why = "", f"cannot be reached: {error}"
        if last:
            break
        wait(min(float(retry) if retry.isdecimal() else pause_s, LONGEST_WAIT_S))
        pause_s *= 2
    raise DataUnusable(f"{source.url} {why}")


def _words(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        faults = "; ".join(f"{fault['place']}: {fault['message']}" for fault in told.get("faults", []))
        return faults or str(told["detail"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "this is no head office; is --url right?"


def _client(source: Source) -> httpx.Client:
    headers = {"Authorization": f"Bearer {source.token}"}
    try:
        return httpx.Client(base_url=source.url, headers=headers, timeout=TIMEOUT_S)
    except (ValueError, httpx.InvalidURL) as error:
        raise DataUnusable(f"--url {source.url!r}: {error}") from error


def _target(folder: Path, number: int, form: str) -> Path:
    return folder / f"taps-{number:08}.{form}"


def _read(cursor_file: Path) -> Standing:
    written = cursor_file.read_text("utf-8") if cursor_file.exists() else ""
    try:
        return Standing(**json.loads(written)) if written else Standing()
    except (ValueError, TypeError) as error:
        raise DataUnusable(f"{cursor_file}: is no cursor of pull: {error}") from error


def _write(cursor_file: Path, standing: Standing) -> None:
    part = cursor_file.with_name(cursor_file.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(vars(standing), file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(cursor_file)
    _sync_folder(cursor_file.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _alone(cursor_file: Path) -> Iterator[None]:
    cursor_file.parent.mkdir(parents=True, exist_ok=True)
    with cursor_file.with_name(cursor_file.name + ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"{cursor_file}: another pull is going on from it") from None
        yield
