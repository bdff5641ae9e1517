"""Contacts of facilities: which numbers are numbers."""

import pytest

from app.domain.registry.contact import Contact, contact_faults, contact_or_none, is_phone, split_phones


@pytest.mark.parametrize("text", ["118", "(024) 8413476", "+62 811-2345-678", "0" * 30])
def test_a_number_is_as_people_write_it(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize("text", ["", "12", "0" * 31, "024 841x", "---", "024/841", "٠٢٤٨٤١", "024\n841", "tel:118"])
def test_other_text_is_no_number(text: str) -> None:
    assert not is_phone(text)


def test_every_fault_is_named_with_its_place() -> None:
    faults = dict(contact_faults(Contact("x" * 201, ("118", "12", "118"))))
    assert list(faults) == ["contact/name", "contact/phones/1", "contact/phones/2"]
    assert "3 to 30 digits" in faults["contact/phones/1"]
    assert dict(contact_faults(Contact(None, ("118",) * 6)))["contact/phones"].startswith("has 6 numbers")
    assert not list(contact_faults(Contact("Posko", ("024 1", "024 2", "024 3", "024 4", "024 5"))))


def test_a_contact_that_says_nothing_is_none() -> None:
    assert contact_or_none("", ()) is None
    assert contact_or_none(None, ("118",)) == Contact(None, ("118",))


def test_a_cell_has_its_numbers_between_semicolons() -> None:
    assert split_phones(" 024 841;; +62 811 ") == ("024 841", "+62 811")
