"""What is found in a text, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PiiClass(StrEnum):
    """What kinds of personal data patterns know. Each is shown by its mark, `[EMAIL_MASKED]`."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"

    @property
    def mark(self) -> str:
        """What is shown in its place."""
        return f"[{self.name}_MASKED]"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """Something personal: characters `start` to `end` of a text."""

    start: int
    end: int
    kind: PiiClass


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or underscore touches the part: it is no piece of a longer word, hash or number."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or before == "_" or after.isalnum() or after == "_")


def is_fraction(text: str, start: int, end: int) -> bool:
    """Whether digits go on behind a decimal point before or after the part."""
    before = text[max(start - 2, 0) : start]
    after = text[end : end + 2]
    return (len(before) == 2 and before[1] in ".," and before[0].isdigit()) or (len(after) == 2 and after[0] in ".," and after[1].isdigit())
