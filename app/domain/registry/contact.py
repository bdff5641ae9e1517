"""The contact of a facility: whom to call about its beds, day and night. It is public."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CONTACT_NAME_LENGTH_MAX = 200
PHONES_MAX = 5
PHONES_JOINED_BY = "; "  # in a cell of a table
PHONE_LENGTH_MIN, PHONE_LENGTH_MAX = 3, 30
# A number as people write it; a digit is required, so that "---" is none.
PHONE_PATTERN = r"^[+\-() 0-9]*[0-9][+\-() 0-9]*$"
PHONE_FORM = f"must be {PHONE_LENGTH_MIN} to {PHONE_LENGTH_MAX} digits, spaces and + - ( ), such as +62 24 8413476"

_PHONE = re.compile(PHONE_PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True)
class Contact:
    """The duty desk (*petugas jaga*) of a facility: its name and its phone numbers, the first one first."""

    name: str | None = None
    phones: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not self.name and not self.phones


def contact_or_none(name: str | None, phones: tuple[str, ...]) -> Contact | None:
    """A contact with this name and these phone numbers; None if there are neither."""
    contact = Contact(name or None, phones)
    return None if contact.is_empty else contact


def is_phone(text: str) -> bool:
    """Whether this is one phone number as people write it."""
    return PHONE_LENGTH_MIN <= len(text) <= PHONE_LENGTH_MAX and _PHONE.fullmatch(text) is not None


def split_phones(text: str) -> tuple[str, ...]:
    """The phone numbers of a table's cell, which are joined by `;`."""
    return tuple(filter(None, map(str.strip, text.split(";"))))


def contact_faults(contact: Contact) -> Iterator[tuple[str, str]]:
    """What is wrong with a contact: the member and why."""
    if contact.name is not None and not 0 < len(contact.name.strip()) <= CONTACT_NAME_LENGTH_MAX:
        yield "contact/name", f"must have 1 to {CONTACT_NAME_LENGTH_MAX} characters"
    if len(contact.phones) > PHONES_MAX:
        yield "contact/phones", f"has {len(contact.phones)} numbers; at most {PHONES_MAX} are accepted"
    for n, phone in enumerate(contact.phones[:PHONES_MAX]):
        if not is_phone(phone):
            yield f"contact/phones/{n}", PHONE_FORM
        elif phone in contact.phones[:n]:
            yield f"contact/phones/{n}", "is the same number as one before"
