"""Render a page: the shell with its language, theme, header and headers of HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from app.web import languages, static_files
from app.web.texts import CATALOGUES, Texts

THEMES = frozenset({"light", "dark"})
THEME_COOKIE = "balai_theme"
COOKIE_SECONDS = 365 * 24 * 3600
# Nothing inline, no other host. frame-ancestors is added to every response (app/middleware/limits.py).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    # The shell names the files of this version: asked for again each time, and answered in a millisecond. It may name
    # what only this reader may see, so no proxy keeps it.
    "cache-control": "private, no-cache",
    "vary": "Accept-Language, Cookie",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One step of the breadcrumb; without a path it is the page itself."""

    name: str
    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Later:
    """What a page needs after its figures: loaded behind everything else, while the browser is drawing them."""

    modules: Sequence[str] = ()
    documents: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page says about itself. `data` becomes `data-*` attributes of the body, for its script."""

    template: str
    title: str
    style: str  # the class of the body, by which style sheets know the page
    entry: str | None = None  # its module in static/
    menu: str = ""  # the entry of the menu that is this page
    crumbs: Sequence[Crumb] = ()
    data: dict[str, str] | None = None
    preload: Sequence[str] = ()  # documents of the API that its script reads first
    later: Later | None = None  # what its script loads once the figures stand
    values: dict[str, Any] | None = None  # for its own template


def render(request: Request, page: Page, *, status: int = 200, theme: str | None = None) -> Response:
    """The page in the client's language and theme; `theme` is the default of this page."""
    language = languages.language_of(request)
    context = {
        "page": page,
        "lang": language,
        "other": next(name for name in CATALOGUES if name != language),
        "t": (t := Texts(language)),
        # A sentence with elements in the place of its placeholders: whatever is not markup is escaped.
        "with_elements": lambda key, **values: escape(t.raw(key)).format(**values),
        "theme": _theme(request, theme),
        "simulated": request.state["display"].simulated,
        "file": static_files.url,
        "modules": (modules := _modules(page.entry, language)),
        "later_modules": _later_modules(page.later, modules),
        "later": page.later or Later(),
        "link": lambda path: _keep_language(request, path),
        "in_language": lambda name: _with_parameter(request, languages.PARAMETER, name),
        **(page.values or {}),
    }
    response = HTMLResponse(
        _templates.get_template(page.template).render(context), status_code=status, headers=_HEADERS
    )
    if request.query_params.get(languages.PARAMETER) in CATALOGUES:
        response.set_cookie(languages.COOKIE, language, max_age=COOKIE_SECONDS, samesite="lax")
    return response


def text(request: Request, key: str, **values: str | int) -> str:
    """A sentence in the client's language, for a title."""
    return Texts(languages.language_of(request))(key, **values)


def _modules(entry: str | None, language: str) -> list[str]:
    """The entry module and all that it imports, the largest first: none of them is a straggler at the end."""
    if entry is None:
        return []
    imported = {*static_files.modules_of(entry)[1:], f"texts/{language}.js"}
    return [static_files.url(name) for name in (entry, *sorted(imported, key=static_files.size, reverse=True))]


def _later_modules(later: Later | None, loaded: list[str]) -> list[str]:
    names = (name for entry in (later.modules if later else ()) for name in static_files.modules_of(entry))
    return [each for each in dict.fromkeys(map(static_files.url, names)) if each not in loaded]


def _theme(request: Request, default: str | None) -> str | None:
    """The theme that the client chose; None: that of its system."""
    for wanted in (request.query_params.get("theme"), request.cookies.get(THEME_COOKIE) if default is None else None):
        if wanted in THEMES:
            return wanted
    return default


def _keep_language(request: Request, path: str) -> str:
    """A path with the language of the address, so that a link in one language leads to that language."""
    language = request.query_params.get(languages.PARAMETER)
    if language not in CATALOGUES:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode({languages.PARAMETER: language})}"


def _with_parameter(request: Request, name: str, value: str) -> str:
    """This page's own address, relative, with one parameter replaced."""
    others = [(key, each) for key, each in request.query_params.multi_items() if key != name]
    return "?" + urlencode([*others, (name, value)])
