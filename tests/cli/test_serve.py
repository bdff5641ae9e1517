"""`balai serve`: from an empty folder to an answer, and to a clean end. One server for most of it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from tests.serving import Serving, served

PATIENCE = 20.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("serve") / "data", "--seed", "semarang", "--first-key") as running:
        yield running


def said(server: Serving) -> str:
    return (server.folder / "serve.log").read_text()
