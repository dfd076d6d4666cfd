"""Check digits. Each takes digits (or letters and digits) without separators and never raises for these."""

from __future__ import annotations

from collections.abc import Sequence


def luhn(digits: str) -> bool:
    """Luhn's: every second digit from the right counts twice, less nine where that has two digits (ISO/IEC 7812)."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(int(digit) for digit in digits[::-2])) % 10 == 0


def mod97(text: str) -> int:
    """The rest of a text of letters (A is 10) and digits by 97 (ISO/IEC 7064)."""
    return int("".join(str(int(char, 36)) for char in text)) % 97


def mod11_10(digits: str) -> bool:
    """The recursive one of ISO/IEC 7064, the last digit being the check digit."""
    product = 10
    for digit in digits[:-1]:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of digits by weights."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNS = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


def verhoeff(digits: str) -> bool:
    """Verhoeff's, over the dihedral group of ten."""
    held = 0
    for place, digit in enumerate(reversed(digits)):
        held = int(_TIMES[held][int(_TURNS[place % 8][int(digit)])])
    return held == 0


def is_day(year: int, month: int, day: int) -> bool:
    """Whether a month has the day; the 29th of February counts in any year, of which often two digits are known."""
    del year
    return 1 <= month <= 12 and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
