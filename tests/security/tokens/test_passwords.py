"""Passwords as argon2id hashes."""

from __future__ import annotations

import statistics
import time

import pytest

from app.adapters.tokens.passwords import MOST_CHARACTERS, Argon2Passwords


@pytest.fixture(scope="module")
def passwords() -> Argon2Passwords:
    return Argon2Passwords()


def test_a_hash_is_argon2id_and_salted(passwords: Argon2Passwords) -> None:
    one, two = passwords.hash("correct horse"), passwords.hash("correct horse")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != two
    assert passwords.verify("correct horse", one)
    assert passwords.verify("correct horse", two)


@pytest.mark.parametrize("wrong", ["", "correct hors", "correct horse ", "CORRECT HORSE", "\x00correct horse", "\ud800"])
def test_wrong_passwords(passwords: Argon2Passwords, wrong: str) -> None:
    assert not passwords.verify(wrong, passwords.hash("correct horse"))


def test_the_same_password_from_another_keyboard(passwords: Argon2Passwords) -> None:
    assert passwords.verify("cafe\u0301 noir noir", passwords.hash("caf\u00e9 noir noir"))


@pytest.mark.parametrize("hashed", ["", "not a hash", "$argon2id$v=19$m=65536,t=3,p=4$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_a_hash_that_is_none_opens_nothing(passwords: Argon2Passwords, hashed: str) -> None:
    assert not passwords.verify("anything at all", hashed)


def test_nobodys_password_is_not_known(passwords: Argon2Passwords) -> None:
    assert not passwords.verify("nobody has this password", None)


def test_what_is_too_long_is_never_right_and_costs_no_more(passwords: Argon2Passwords) -> None:
    hashed = passwords.hash("a" * MOST_CHARACTERS)
    assert passwords.verify("a" * MOST_CHARACTERS, hashed)
    began = time.perf_counter()
    assert not passwords.verify("a" * 10_000_000, hashed)
    assert time.perf_counter() - began < 5


def test_an_unknown_user_takes_as_long_as_a_wrong_password(passwords: Argon2Passwords) -> None:
    hashed = passwords.hash("correct horse")

    def typical(known: str | None) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            passwords.verify("wrong horse", known)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    assert 0.4 < typical(None) / typical(hashed) < 2.5
