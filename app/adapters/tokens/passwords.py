"""Passwords (`app.ports.Passwords`) as argon2id hashes with RFC 9106's second recommended parameters (64 MiB, 3 passes, 4 lanes)."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MOST_CHARACTERS = 1024
"""Longer passwords are never right; they are cut before hashing, so that a megabyte of password costs no more than a word."""
AT_ONCE = 2
"""How many hashes may be computed at a time: each holds 64 MiB."""


class Argon2Passwords:
    """Hashes and verifies. Thread-safe; callers beyond `AT_ONCE` wait their turn."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = self.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """A salted hash of the password, in argon2's own encoding with its parameters."""
        with self._turns:
            return self._hasher.hash(_bytes(password))

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the hashed one. None (an unknown user) is compared with a hash of nobody's, which takes as long."""
        with self._turns:
            try:
                right = self._hasher.verify(hashed if hashed is not None else self._nobody, _bytes(password))
            except (VerificationError, InvalidHashError):
                return False
        return right and hashed is not None and len(password) <= MOST_CHARACTERS


def _bytes(password: str) -> bytes:
    """One spelling for passwords that look alike, whatever the keyboard composed (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password[:MOST_CHARACTERS]).encode("utf-8", "surrogatepass")
