"""Pages that are complete as they are sent, so they work without scripts: kept briefly, and known by their ETag."""

from fastapi import Request, Response

from app.api.http.conditional_requests import is_known, weak_tag
from app.web import languages
from app.web.pages import Page, render
from app.web.texts import CATALOGUES

# As long as their ages are right to the minute.
SECONDS = 30


def serve(request: Request, page: Page, *, is_public: bool, status: int = 200) -> Response:
    """The page, or 304 if the client has it. Whoever may read it may keep it for half a minute, a proxy too."""
    response = render(request, page, status=status)
    # A cookie that remembers the language is one reader's.
    is_shared = is_public and request.query_params.get(languages.PARAMETER) not in CATALOGUES
    response.headers["cache-control"] = f"{'public' if is_shared else 'private'}, max-age={SECONDS}"
    response.headers["etag"] = tag = weak_tag(bytes(response.body))
    if status == 200 and is_known(tag, request.headers.get("if-none-match")):
        kept = ("cache-control", "etag", "vary", "set-cookie", "content-security-policy")
        headers = {name: response.headers[name] for name in kept if name in response.headers}
        return Response(status_code=304, headers=headers)
    return response
