"""Swagger UI and Redoc, served from local files: the pages work without internet and contact no other host."""

import base64
import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from app.api.http import problems
from app.api.http.static_documents import StaticDocument
from app.api.schemas.report import BulkReportIn
from app.domain.errors import NotFound

# URLs in the pages are relative, so that they also work behind a proxy's prefix. The validator badge is
# switched off: it would contact another host.
_SWAGGER_SCRIPT = """
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_REDOC_SCRIPT = """
Redoc.init("openapi.json", {disableSearch: false, hideLoading: true}, document.getElementById("page"));
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Balai API</title>
<link rel="icon" href="docs/assets/favicon.png">
{style}
</head>
<body>
<div id="page"></div>
<script src="docs/assets/{bundle}"></script>
<script>{script}</script>
</body>
</html>
"""

TAGS: list[dict[str, Any]] = [
    {"name": "reports", "description": "Report how many beds there are (*laporan*). Needs a facility's key."},
    {"name": "capacity", "description": "Totals of areas (*rekap*): how many beds, how many available, how fresh."},
    {"name": "stream", "description": "Changes as they happen (*langsung*), for screens and for programs."},
    {"name": "facilities", "description": "Places with beds (*fasyankes*): find, register, change."},
    {
        "name": "hospitals",
        "description": "Hospitals that use their own software (*SIMRS*): logins, messages, imported rows.",
    },
    {"name": "areas", "description": "The administrative tree (*wilayah*), from country to RW."},
    {"name": "vocabulary", "description": "The codes used in reports."},
    {"name": "keys", "description": "API keys: who may report and read what. For officers (*petugas*)."},
    {"name": "problems", "description": "The error codes and what they mean."},
    {"name": "operation", "description": "Health checks for operators."},
]


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0])


_SWAGGER = _folder("fastapi_swagger") / "resources"
_REDOC = _folder("fastapi_standalone_docs") / "static" / "redoc"
_FOR_A_DAY = {"cache-control": "max-age=86400"}


def _file(file: Path, media_type: str) -> StaticDocument:
    return StaticDocument(file.read_bytes, media_type, _FOR_A_DAY)


_ASSETS = {
    "swagger-ui.css": _file(_SWAGGER / "swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": _file(_SWAGGER / "swagger-ui-bundle.js", "text/javascript"),
    "favicon.png": _file(_SWAGGER / "favicon-32x32.png", "image/png"),
    "redoc.standalone.js": _file(_REDOC / "redoc.standalone.js", "text/javascript"),
}
# The only file that Redoc requests by itself; the package rewrites its URL to point here.
_REDOC_LOGO = _file(_REDOC / "logo-mini.svg", "image/svg+xml")


def _page(bundle: str, script: str, *, style: str, policy: str) -> HTMLResponse:
    """Build a page that may run one inline script, by its hash, and our own files; `policy` adds what else it needs."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; img-src 'self' data:; font-src 'self' data:; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; {policy}"
    )
    page = _PAGE.format(bundle=bundle, script=script, style=style)
    return HTMLResponse(page, headers={"content-security-policy": policies})


router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def read_docs() -> HTMLResponse:
    """Swagger UI."""
    style = '<link rel="stylesheet" href="docs/assets/swagger-ui.css">'
    return _page("swagger-ui-bundle.js", _SWAGGER_SCRIPT, style=style, policy="style-src 'self'")


@router.get("/redoc")
async def read_redoc() -> HTMLResponse:
    """Redoc, which writes its styles into the page and searches in a worker made of a blob."""
    policy = "style-src 'self' 'unsafe-inline'; worker-src blob:"
    return _page("redoc.standalone.js", _REDOC_SCRIPT, style="", policy=policy)


@router.get("/docs/assets/{name}")
async def read_asset(name: str, request: Request) -> Response:
    """One of the files that the pages are made of."""
    if name not in _ASSETS:
        raise NotFound
    return await _ASSETS[name].answer(request)


@router.get("/redoc/logo-mini.svg")
async def read_redoc_logo(request: Request) -> Response:
    """The logo in Redoc's page."""
    return await _REDOC_LOGO.answer(request)


def install_openapi(app: FastAPI) -> None:
    """Serve the OpenAPI document with our tags and the schemas that responses and bulk bodies refer to.

    Create the application with `openapi_url=None`: the framework would encode the document for each request.
    """
    app.openapi_tags = TAGS
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = plain()
            bulk = BulkReportIn.model_json_schema(ref_template="#/components/schemas/{model}")
            bulk.pop("$defs")
            document["components"]["schemas"] |= problems.schemas() | {"BulkReportIn": bulk}
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI documents it
    document = StaticDocument(lambda: json.dumps(app.openapi(), ensure_ascii=False).encode(), "application/json")
    app.add_api_route("/openapi.json", document.answer, include_in_schema=False)
