"""The sentences of the pages in each language: `id.json` and `en.json`, one key each, with `{placeholders}`."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

CATALOGUES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        path.stem: MappingProxyType(json.loads(path.read_text("utf-8")))
        for path in sorted(Path(__file__).parent.glob("*.json"))
    }
)


class Texts:
    """The sentences in one language, for templates. Raises KeyError for an unknown key: a mistake in a template."""

    def __init__(self, language: str) -> None:
        self._texts = CATALOGUES[language]

    def __call__(self, key: str, **values: str | int) -> str:
        """The sentence with its placeholders filled. Only plain text: the template escapes it."""
        return self._texts[key].format(**values)

    def raw(self, key: str) -> str:
        """The sentence with its placeholders, to put elements in their place."""
        return self._texts[key]
