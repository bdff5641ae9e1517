"""The catalogues: both languages have the same keys, and pages use exactly these."""

import re
from pathlib import Path

import app.web
from app.web.texts import CATALOGUES, Texts

WEB = Path(app.web.__file__).parent
SOURCES = [*WEB.glob("templates/*.html"), *WEB.glob("static/js/**/*.js"), *WEB.glob("routes/*.py")]
# t("key") everywhere; in Python text(request, "key") and key="key"; in scripts t(`prefix${name}`) for one of several.
KEY = re.compile(r"""(?:\bt|with_elements)\(\s*["'`]([a-z_.]+)["'`]""")
PYTHON_KEY = re.compile(r'text\(request, "([a-z_.]+)"|\bkey="([a-z_.]+)"')
# In a template t("prefix." ~ name) for one of several, also with an ending.
JOINED = re.compile(r"""\bt\("([a-z_.]+)" ~ [^"()]+?(?:"([a-z_.]+)")?[,)]""")
FAMILY = re.compile(r"\bt\(\s*`([a-z_.]+)\$\{[^}]+\}([a-z_.]*)`")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def keys() -> set[str]:
    """Without singulars, which only English has."""
    return {key for key in CATALOGUES["id"] if not key.endswith("_one")}


def used() -> tuple[set[str], list[re.Pattern[str]]]:
    single, families = set(), []
    for path in SOURCES:
        text = path.read_text()
        single |= set(KEY.findall(text))
        if path.suffix == ".py":
            single |= {next(filter(None, match)) for match in PYTHON_KEY.findall(text)}
        families += [
            re.compile(re.escape(start) + r"[\w.]*" + re.escape(end))
            for start, end in FAMILY.findall(text) + JOINED.findall(text)
        ]
        if "message_page(" in text:
            single |= {f"{key}.next" for key in re.findall(r'key="([a-z_.]+)"', text)}
    return {key for key in single if not key.endswith(".")}, families


def test_both_languages_have_the_same_keys():
    english = {key for key in CATALOGUES["en"] if not key.endswith("_one")}
    assert english == keys()
    for key in CATALOGUES["en"]:
        assert key.removesuffix("_one") in english


def test_every_key_that_is_used_exists():
    single, families = used()
    assert single - keys() == set()
    for family in families:
        assert any(family.fullmatch(key) for key in keys()), family.pattern


def test_every_key_is_used():
    single, families = used()
    unused = {key for key in keys() - single if not any(family.fullmatch(key) for family in families)}
    assert unused == set()


def test_both_languages_fill_the_same_placeholders():
    for key, text in CATALOGUES["en"].items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(CATALOGUES["id"][key.removesuffix("_one")])), (
            key
        )


def test_catalogues_are_sorted_and_say_nothing_empty():
    for texts in CATALOGUES.values():
        assert list(texts) == sorted(texts)
        assert all(text.strip() == text != "" for text in texts.values())


def test_a_template_fills_placeholders():
    assert Texts("id")("title.area", area="Kota {n}") == "Kota {n} · Balai"
