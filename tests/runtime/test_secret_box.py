"""Secrets of others: sealed and opened again, recognised by their digest, and useless without the key."""

import pytest

from app.domain.errors import Unavailable
from app.runtime.secret_box import OtherKey, SecretBox

OLD, NEW = "old-" * 10, "new-" * 10


def test_what_is_sealed_is_read_again_and_hides_what_it_holds() -> None:
    secret_box = SecretBox([OLD])
    sealed = secret_box.seal("rahasia-uji")
    assert secret_box.unseal(sealed) == "rahasia-uji"
    assert "rahasia" not in sealed
    assert sealed != secret_box.seal("rahasia-uji")


def test_a_new_key_in_front_still_knows_what_the_old_one_made() -> None:
    before, after = SecretBox([OLD]), SecretBox([NEW, OLD])
    assert after.unseal(before.seal("x")) == "x"
    assert after.is_digest(before.digest("x"), "x")
    assert after.digest("x") != before.digest("x")


def test_another_key_knows_neither_and_says_what_to_do() -> None:
    made, other = SecretBox([OLD]), SecretBox([NEW])
    with pytest.raises(OtherKey, match="BALAI_SECRET_KEY"):
        other.unseal(made.seal("x"))
    assert not other.is_digest(made.digest("x"), "x")
    assert not made.is_digest(made.digest("x"), "y")


def test_without_a_key_nothing_is_kept() -> None:
    for attempt in (lambda: SecretBox().seal("x"), lambda: SecretBox().unseal("x"), lambda: SecretBox().digest("x")):
        with pytest.raises(Unavailable, match="BALAI_SECRET_KEY"):
            attempt()
