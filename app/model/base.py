"""The base of every noun, and its canonical form."""

from __future__ import annotations

import hashlib
from typing import Self

import msgspec


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A frozen, slotted record that can be hashed, compared, and written to and read from JSON.

    msgspec's Struct is used in place of a dataclass because tagged unions of it read back from JSON by type, which the layer store
    needs; it keeps a frozen dataclass's properties. Change one with `msgspec.structs.replace`.
    Defaults are left out of the canonical form, so a field added later does not change the hash of what does not use it.
    """

    def canonical(self) -> bytes:
        """Canonical JSON (sorted keys, no white space): equal content gives equal bytes, in any process."""
        return msgspec.json.encode(self, order="sorted")

    def fingerprint(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read back what `canonical` wrote. Raises msgspec.ValidationError where the data is not of this type."""
        return msgspec.json.decode(data, type=cls)
