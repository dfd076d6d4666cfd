"""Telephone numbers: as they are dialled from abroad, as North America writes them, and any other where a word says that it is one."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from app.redaction.found import Found, PiiClass, is_fraction

_ABROAD = re2.compile(r"(?:\+|\b00[ .-]?)[1-9](?:[ ./()-]{0,3}\d){7,16}")
_AMERICAN = re2.compile(r"(?:\b1[ .-])?(?:\([2-9]\d{2}\) ?|\b[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}\b")
_FRENCH = re2.compile(r"\b0[67](?: \d{2}){4}\b|\b0[1-9](?:\.\d{2}){4}\b")
_WORD = re2.compile(
    r"(?i)(?:\btel(?:efon|efono|éfono|ephone|éphone|\.)?|phone|\bmobil[ei]?|\bcell(?:ular)?|\bhandy|\bfax|\brufnummer|whatsapp|\bcall(?: me)?(?: (?:at|on))?|☎|📞)"
    r"[^\d\n]{0,12}?(\+?\(?\d(?:[ ./()-]{0,3}\d){6,14})"
)
_NANP = re2.compile(r"(?:\+|00[ .-]?)1[ .-]?\(?[2-9]\d{2}\)?[ .-]{0,2}[2-9]\d{2}[ .-]?\d{4}")
"""A number of North America, dialled from abroad."""
_CODE = re2.compile(
    "7|20|27|3[0-4]|36|39|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"  # countries of one and two digits
    "|2[1-69][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]|6[789][0-9]|8[0578][0-9]|96[0-9]|97[0-9]|99[0-9]"  # and of three
)


def phones(text: str) -> Iterator[Found]:
    """Telephone numbers. Without a country's code, grouping or a word that says so, digits are taken for an order number and left alone."""
    for match in _ABROAD.finditer(text):
        if _whole(text, *match.span()) and _is_abroad(match.group()):
            yield Found(match.start(), match.end(), PiiClass.PHONE)
    for pattern in (_AMERICAN, _FRENCH):
        for match in pattern.finditer(text):
            if _whole(text, *match.span()) and not _is_in_row(text, *match.span()):
                yield Found(match.start(), match.end(), PiiClass.PHONE)
    for match in _WORD.finditer(text):
        if _whole(text, *match.span(1)) and not _is_moment(match.group(1)):
            yield Found(match.start(1), match.end(1), PiiClass.PHONE)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether it is not a piece of a longer number, word, date or decimal."""
    before, after = text[start - 1 : start], text[end : end + 2]
    if before and (before.isalnum() or before in "_+-.:/"):
        return False
    return not (after[:1].isalnum() or after[:1] == "_" or (after[:1] in ("-", ":") and after[1:].isdigit())) and not is_fraction(
        text, start, end
    )


def _is_abroad(number: str) -> bool:
    """Whether it begins with the code of a country and has a length that numbers have (E.164)."""
    dialled = number.startswith("00")
    digits = "".join(char for char in number if char.isdigit())
    if dialled:
        if digits == number:
            return False  # nothing tells it from an order number
        digits = digits[2:]
    if "." in number and (number.count(".") == 1 or set(number) & set(" ()-/")):
        return _NANP.fullmatch(number) is not None  # anything else may be decimals, with a sign and in a row
    if digits.startswith("1"):
        return _NANP.fullmatch(number) is not None
    return _CODE.match(digits) is not None and 8 <= len(digits.replace("0", "", 1) if "(0)" in number else digits) <= 15


def _is_in_row(text: str, start: int, end: int) -> bool:
    """Whether it is some of a row of numbers that spaces part."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (before[:1].isdigit() and before[1:] == " ") or (after[:1] == " " and after[1:].isdigit())


def _is_moment(number: str) -> bool:
    """Whether it is a date, perhaps with a time."""
    return _DATE.match(number) is not None


_DATE = re2.compile(r"(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}")
