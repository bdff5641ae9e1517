"""`next` leads only to pages of this service."""

import pytest

from app.web.own_paths import own_path


@pytest.mark.parametrize("path", ["/", "/area/33.74?lang=en", "/facility/rs-a#h-ln", "/publik?q=a%20b"])
def test_own_paths_stay(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "area/33.74",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/ /evil.example",
        "/\x00",
        "/\u202egro.live",
    ],
)
def test_everything_else_leads_to_the_start_page(elsewhere):
    assert own_path(elsewhere) == "/"
