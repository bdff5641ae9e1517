"""These tests are about the fast path, so it is on, whatever the environment of the run says."""

import pytest

from app.config import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The usual settings, with the fast path."""
    return settings.model_copy(update={"fast_path": True})
