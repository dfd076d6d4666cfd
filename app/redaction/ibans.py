"""IBANs: a country, its length, and the check digits by 97 (ISO 13616)."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from app.redaction.checksums import mod97
from app.redaction.found import Found, PiiClass

_UUID = re2.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_START = re2.compile(r"(?i)[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]")
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22,
    "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


def ibans(text: str) -> Iterator[Found]:
    """IBANs in any case, in one piece or grouped by spaces or dashes; not within a UUID, which reads like one now and then."""
    end = 0
    others = [match.span() for match in _UUID.finditer(text)]
    for match in _START.finditer(text):
        start = match.start()
        if start < end or text[start - 1 : start].isalnum():
            continue
        length = _LENGTHS.get(text[start : start + 2].upper())
        if length is None:
            continue
        stop = _taken(text, start, length)
        if any(first <= start < last for first, last in others):
            continue
        if stop and is_iban(text[start:stop].replace(" ", "").replace("-", "")):
            yield Found(start, stop, PiiClass.IBAN)
            end = stop


def _taken(text: str, start: int, length: int) -> int:
    """Where that many letters and digits end, single spaces or dashes between them aside; 0 where there are not so many, or more follow."""
    held, at = 0, start
    while held < length and at < len(text):
        char = text[at]
        if char.isascii() and char.isalnum():
            held += 1
        elif char not in " -" or not text[at - 1].isalnum():
            return 0
        at += 1
    return 0 if held < length or text[at : at + 1].isalnum() else at


def is_iban(code: str) -> bool:
    """Whether letters and digits without separators are an IBAN."""
    code = code.upper()
    return _LENGTHS.get(code[:2]) == len(code) and mod97(code[4:] + code[:4]) == 1
