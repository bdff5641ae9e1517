"""Choosing the language of a page: `?lang=`, else the cookie, else Accept-Language, else Indonesian."""

from fastapi import Request

from app.web.texts import CATALOGUES

DEFAULT = "id"
PARAMETER = "lang"
COOKIE = "balai_lang"
_RANGES_MAX = 20


def language_of(request: Request) -> str:
    """The language in which this request is answered."""
    for wanted in (request.query_params.get(PARAMETER), request.cookies.get(COOKIE)):
        if wanted is not None and wanted in CATALOGUES:
            return wanted
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> str:
    """The first language of ours by the client's preference (RFC 9110, 12.5.4). What cannot be read is skipped."""
    best, best_quality = DEFAULT, 0.0
    for part in accept_language.split(",")[:_RANGES_MAX]:
        tag, _, weight = part.partition(";")
        # Browsers of Indonesians also send the code that `id` replaced in 1989.
        name = tag.strip().lower().partition("-")[0].replace("in", "id")
        quality = _quality(weight)
        if name in CATALOGUES and quality > best_quality:
            best, best_quality = name, quality
    return best


def _quality(weight: str) -> float:
    name, _, value = weight.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
