"""Numbers that states give to people, held to their check digits. Those without one, or that look like any number, count beside a word that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import re2

from app.redaction import national_rules as rules
from app.redaction.found import Found, PiiClass, is_fraction, stands_alone


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of number: how it is written, whether one without separators is right, and by which words (a pattern) it must be announced, "" for none."""

    written: Any
    holds: Callable[[str], bool]
    announced: Any = None


def _rule(written: str, holds: Callable[[str], bool], words: str = "") -> Rule:
    announced = re2.compile(rf"(?i)(?:^|[^\pL])(?:{words})[^\d\n]{{0,16}}$") if words else None
    return Rule(re2.compile(rf"(?i)\b(?:{written})\b"), holds, announced)


RULES = {
    "us_ssn": _rule(r"\d{3}([- ])\d{2}[- ]\d{4}", rules.us_ssn),
    "us_ssn_plain": _rule(r"\d{9}", rules.us_ssn, r"ssn|social security(?: number| no\.?)?"),
    "de_tax_id": _rule(r"[1-9]\d{10}|[1-9]\d \d{3} \d{3} \d{3}", rules.de_tax_id),
    "uk_nino": _rule(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", rules.uk_nino),
    "fr_nir": _rule(r"[1-478] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", rules.fr_nir),
    "es_dni": _rule(r"(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]", rules.es_dni),
    "it_fiscal_code": _rule(r"[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]", rules.it_fiscal_code),
    "be_national": _rule(r"\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}\.?\d{2}", rules.be_national),
    "se_personal": _rule(r"(?:19|20)?\d{6}[-+]\d{4}", rules.se_personal),
    "fi_personal": _rule(r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", rules.fi_personal),
    "ch_ahv": _rule(r"756\.?\d{4}\.?\d{4}\.?\d{2}", rules.ch_ahv),
    "br_cpf": _rule(r"\d{3}\.\d{3}\.\d{3}-\d{2}", rules.br_cpf),
    "br_cpf_plain": _rule(r"\d{11}", rules.br_cpf, r"cpf"),
    "cn_resident": _rule(r"[1-9]\d{5}(?:19|20)\d{9}[0-9X]", rules.cn_resident),
    "pl_pesel": _rule(r"\d{11}", rules.pl_pesel, r"pesel"),
    "nl_bsn": _rule(r"\d{9}|\d{4}\.\d{2}\.\d{3}", rules.nl_bsn, r"bsn|burgerservicenummer|sofinummer"),
    "ca_sin": _rule(r"\d{3}[- ]?\d{3}[- ]?\d{3}", rules.ca_sin, r"sin|social insurance(?: number| no\.?)?"),
    "in_aadhaar": _rule(r"[2-9]\d{3}[- ]?\d{4}[- ]?\d{4}", rules.in_aadhaar, r"aadhaar|uidai"),
}
"""By country and name; docs/pii.md lists them."""
_ANY = re2.compile("(?i)" + "|".join(f"(?:{rule.written.pattern.removeprefix('(?i)')})" for rule in RULES.values()))
"""Whether it is worth to look for each."""
_NEAR = 48
"""How many characters before a number are read for the word."""


def national_ids(text: str) -> Iterator[Found]:
    """Numbers of all kinds."""
    if not _ANY.search(text):
        return
    for rule in RULES.values():
        for match in rule.written.finditer(text):
            start, end = match.span()
            if not stands_alone(text, start, end) or is_fraction(text, start, end) or _tied(text, start, end):
                continue
            code = "".join(char for char in match.group().upper() if char.isalnum() or char == "+")
            if rule.announced is not None and not rule.announced.search(text[max(start - _NEAR, 0) : start]):
                continue
            if rule.holds(code):
                yield Found(start, end, PiiClass.NATIONAL_ID)


def _tied(text: str, start: int, end: int) -> bool:
    """Whether a dash ties it to more letters or digits, as the groups of a UUID."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    return (len(before) == 2 and before[1] == "-" and before[0].isalnum()) or (len(after) == 2 and after[0] == "-" and after[1].isalnum())
