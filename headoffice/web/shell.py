"""The frame of every page: templates, words, static files that a browser may keep, the chosen language.

Made once by each of web/pages.py and web/sign_in.py. May read the templates and static files.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from headoffice.web.packing import chosen_packing, pack
from headoffice.web.words import COOKIE, LANGUAGES, Words, chosen_language, read_words

STATIC = "/static"
_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Shell:
    """Renders templates in the reader's language."""

    templates: Environment
    languages: Mapping[str, Words]

    def words(self, request: Request) -> Words:
        """The words of the language that a request asks for."""
        return self.languages[chosen_language(request)]

    def page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        """A whole page; a language chosen by `?lang=` is remembered."""
        words = self.words(request)
        other = next(language for language in LANGUAGES if language != words.language)
        body = self.templates.get_template(template).render(w=words, other=other, **values)
        headers = {"Cache-Control": "no-store", "Content-Language": words.language}
        packing = chosen_packing(request)  # the session's cookie is SameSite: nobody else can try lengths out
        packed = body.encode()
        if packing is not None:
            packed = b"".join(pack([packed], packing))
            headers |= {"Content-Encoding": packing, "Vary": "Accept-Encoding"}
        response = HTMLResponse(packed, status, headers=headers)
        if request.query_params.get("lang") == words.language:
            secure = request.url.scheme == "https"
            response.set_cookie(
                COOKIE,
                words.language,
                max_age=_YEAR_S,
                path="/",
                secure=secure,
                samesite="lax",
                httponly=True,
            )
        return response


class KeptFiles(StaticFiles):
    """Static files that a browser keeps, as their address changes with what is in them."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """A file, to be kept for good."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
        return response


def static_folder() -> Path:
    """Where the static files lie."""
    return Path(str(files("headoffice.web") / "static"))


def make_shell() -> Shell:
    """Read the templates and words; undefined names are faults, and everything is escaped."""
    templates = Environment(
        loader=PackageLoader("headoffice.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["within"] = within
    versions = {path.name: _version(path) for path in static_folder().iterdir()}
    templates.globals["static"] = lambda name: f"{STATIC}/{name}?v={versions[name]}"
    return Shell(templates, read_words())


def within(said: str, *, em: float) -> str:
    """Shorten a text to a width: a drawing that is taken as a file cannot break its lines."""
    wide = 0.0
    for place, letter in enumerate(said):
        wide += 1.0 if east_asian_width(letter) in "WFA" else 0.6
        if wide > em:
            return f"{said[: max(place - 1, 1)]}…"
    return said


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
