"""Personal data that is found, and what differs from it in a check digit, a length or a rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.redaction.cards import is_card
from app.redaction.ibans import is_iban
from app.redaction.redact import redact

CARDS = [
    "4111111111111111",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
]
CARDS += ["3530111333300000", "6200000000000005", "6759649826438453", "2200123456789019"]
IBANS = ["DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NL91ABNA0417164300", "NO9386011117947"]
IBANS += ["MT84MALT011000012345MTLCAST001S", "ES9121000418450200051332", "CH9300762011623852957", "PL61109010140000071219812874"]
PHONES = [
    "+49 30 1234567", "+49 (0)30 1234567", "+4915112345678", "+1 212 555 0123", "+1-212-555-0123", "+12125550123", "+44 20 7946 0958", "+33 6 12 34 56 78",
    "+7 495 123-45-67", "+86 138 0013 8000", "+358 40 123 4567", "0049 30 1234567", "(212) 555-0123", "212-555-0123", "212.555.0123", "06 12 34 56 78",
    "01.23.45.67.89",
]  # fmt: skip
IDS = {
    "us ssn": ("123-45-6789", "666-45-6789"), "us itin": ("912-70-1234", "912-10-1234"), "de": ("86095742719", "86095742718"),
    "de grouped": ("86 095 742 719", "86 095 742 718"), "uk": ("AB 12 34 56 C", "GB 12 34 56 C"), "fr": ("1 85 05 78 006 084 91", "1 85 05 78 006 084 92"),
    "fr corsica": ("2 99 05 2A 006 084 75", "2 99 05 2A 006 084 76"), "es dni": ("12345678Z", "12345678A"),
    "es nie": ("X1234567L", "X1234567K"), "it": ("RSSMRA85T10A562S", "RSSMRA85T10A562T"), "be": ("85.07.30-033.28", "85.07.30-033.29"),
    "se": ("811218-9876", "811218-9875"), "fi": ("131052-308T", "131052-308U"), "ch": ("756.9217.0769.85", "756.9217.0769.84"),
    "br": ("529.982.247-25", "529.982.247-26"), "cn": ("11010519491231002X", "110105194912310021"), "pl": ("PESEL: 44051401359", "PESEL: 44051401358"),
    "nl": ("BSN 111222333", "BSN 111222334"), "ca": ("SIN: 130-692-544", "SIN: 130-692-545"), "in": ("Aadhaar 2341 2341 2346", "Aadhaar 2341 2341 2347"),
    "us plain": ("ssn=123456789", "ssn=000456789"),
}  # fmt: skip


def grouped(digits: str, by: str) -> str:
    return by.join(digits[at : at + 4] for at in range(0, len(digits), 4))


@pytest.mark.parametrize("card", CARDS)
def test_cards(card: str) -> None:
    assert redact(f"paid by {card}, thanks") == "paid by [CARD_MASKED], thanks"
    assert redact(f"card:{card}.") == "card:[CARD_MASKED]."
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert redact(f"paid by {wrong}, thanks") == f"paid by {wrong}, thanks"
    if len(card) == 16:
        assert redact(f"on 2024 {grouped(card, ' ')} ok") == "on 2024 [CARD_MASKED] ok"
        assert redact(grouped(card, "-")) == "[CARD_MASKED]"


@pytest.mark.parametrize("iban", IBANS)
def test_ibans(iban: str) -> None:
    for written in (iban, iban.lower(), grouped(iban, " ")):
        assert redact(f"to {written} and on") == "to [IBAN_MASKED] and on", written
    wrong = iban[:-1] + ("1" if iban[-1] != "1" else "2")
    assert "IBAN" not in redact(f"to {wrong} and on")
    assert not is_iban(iban[:-1])


@pytest.mark.parametrize("phone", PHONES)
def test_phones(phone: str) -> None:
    assert redact(f"ring {phone}, please") == "ring [PHONE_MASKED], please"


@pytest.mark.parametrize(
    "text", ["phone: 030 1234567", "Tel. 5551234567", "mobile +43 660 1234567", "call me at 555 123 4567", "Fax 01-2345678"]
)
def test_a_word_makes_a_phone_of_digits(text: str) -> None:
    assert re.fullmatch(r"\D+\[PHONE_MASKED\]", redact(text)), redact(text)


@pytest.mark.parametrize("kind", IDS)
def test_national_ids_and_their_check_digits(kind: str) -> None:
    right, wrong = IDS[kind]
    assert "[NATIONAL_ID_MASKED]" in redact(f"given {right}, he said")
    assert "[NATIONAL_ID_MASKED]" not in redact(f"given {wrong}, he said")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ana.Lee+x@mail.example.co.uk wrote", "[EMAIL_MASKED] wrote"),
        ("<ana@example.com>", "<[EMAIL_MASKED]>"),
        ("/users?email=ana%40example.com&x=1", "/users?email=[EMAIL_MASKED]&x=1"),
        ("'ana@example.com'", "'[EMAIL_MASKED]'"),
        ("用户@例子.公司", "[EMAIL_MASKED]"),
        ("ana@example.com,bo@example.org", "[EMAIL_MASKED],[EMAIL_MASKED]"),
        ("Key (email)=(ana@example.com) already exists.", "Key (email)=([EMAIL_MASKED]) already exists."),
    ],
)
def test_emails(text: str, shown: str) -> None:
    assert redact(text) == shown


def luhn_of(body: str) -> str:
    return next(body + str(last) for last in range(10) if is_card(body + str(last)) or _sum(body + str(last)) % 10 == 0)


def _sum(digits: str) -> int:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["4", "51", "55", "2221", "2720", "34", "37", "6011", "3528", "62"]), st.data())
def test_every_number_of_an_issuer_with_its_check_digit_is_a_card(prefix: str, data: st.DataObject) -> None:
    length = 15 if prefix in ("34", "37") else 16
    body = prefix + data.draw(st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix)))
    right = luhn_of(body)
    assert redact(f"x {right} y") == "x [CARD_MASKED] y"
    for last in "0123456789":
        if last != right[-1]:
            assert "CARD" not in redact(f"x {body}{last} y")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([("DE", 18), ("GB", 18), ("NL", 14), ("FR", 23)]), st.data())
def test_every_iban_with_its_check_digits(country: tuple[str, int], data: st.DataObject) -> None:
    code, length = country
    account = data.draw(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=length, max_size=length))
    number = int("".join(str(int(char, 36)) for char in account + code + "00"))
    iban = f"{code}{98 - number % 97:02d}{account}"
    assert redact(f"a {iban} b") == "a [IBAN_MASKED] b"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["ana@example.com", "4111111111111111", "+49 30 1234567", "DE89370400440532013000", "word", "12", "—"]), max_size=8
    )
)
def test_nothing_is_left_of_several_and_twice_is_once(parts: list[str]) -> None:
    shown = redact("; ".join(parts))
    assert not any(part in shown for part in parts if part not in ("word", "12", "—"))
    assert redact(shown) == shown
