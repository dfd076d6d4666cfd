"""The chain: each record holds the hash of the one before it, and an HMAC over its canonical form with a key that the store does not know.

Canonical is RFC 8785 (JCS). The forms here hold names of ASCII letters, text, flags, lists and integers that a double holds exactly; for these msgspec's sorted
JSON is that form byte for byte (a test compares it with an implementation of the RFC). Fractions, which JCS writes as ECMAScript does, are refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from app.model.audit.event import AuditEvent
from app.model.base import Node

GENESIS = "0" * 64
"""What the first record holds in place of a hash."""
MOST_EXACT = 2**53 - 1
"""The largest integer that I-JSON (RFC 7493), and so RFC 8785, lets be written as a number."""

Detail = str | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of 32 bytes and the id by which records name it; the id tells nothing of the key."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """16 hexadecimal digits."""
        return hashlib.sha256(b"datamind audit key id\x00" + self.secret).hexdigest()[:16]

    def sign(self, content: bytes) -> str:
        """HMAC-SHA256, in hexadecimal."""
        return hmac.new(self.secret, content, hashlib.sha256).hexdigest()


class Keys:
    """The key that signs, and those that did before it."""

    def __init__(self, current: Key, older: Iterable[Key] = ()) -> None:
        self.current = current
        self._by_id: Mapping[str, Key] = {key.id: key for key in (*older, current)}
        self.current_id = current.id

    def knows(self, key_id: str) -> bool:
        """Whether what that key signed can be checked."""
        return key_id in self._by_id

    def signed(self, key_id: str, content: bytes, signature: str) -> bool:
        """Whether the signature is that key's over the content; False for a key that is not known."""
        key = self._by_id.get(key_id)
        return key is not None and hmac.compare_digest(key.sign(content).encode(), signature.encode())


class AuditRecord(AuditEvent, frozen=True):
    """An event in its place: `sequence` counts the project's records from 1, without gaps. None, and no hashes, for one that is older than the chain.
    `seq` counts the store's records, with gaps."""

    sequence: int | None = None
    previous_hash: str = ""
    hash: str = ""
    key_id: str = ""
    hmac: str = ""
    seq: int = 0


class Checkpoint(Node, frozen=True, omit_defaults=False):
    """A signed note, kept in a second place, that the project's chain had come to that record."""

    project_id: str
    sequence: int
    hash: str
    timestamp: str
    key_id: str
    hmac: str = ""

    def content(self) -> bytes:
        """What is signed."""
        return canonical({name: getattr(self, name) for name in self.__struct_fields__ if name != "hmac"})


def canonical(value: Mapping[str, object]) -> bytes:
    """The RFC 8785 form. Raises TypeError for what has none here: a fraction, an integer beyond 2**53 - 1, a name that is not ASCII, a lone surrogate."""
    _check(value)
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError:
        raise TypeError("a lone surrogate has no canonical form") from None


def timestamp(at: dt.datetime) -> str:
    """RFC 3339 in UTC, with microseconds: 2026-11-21T10:00:00.123456Z."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content(record: AuditRecord) -> bytes:
    """What of a record is hashed and signed: all of it. Raises ValueError where the details are not JSON, TypeError where they have no canonical form."""
    return canonical(
        {
            "component": record.component,
            "correlation_id": record.correlation_id,
            "details": msgspec.json.decode(record.details, type=dict[str, object]),
            "email": record.email,
            "event_type": record.event_type,
            "id": record.id,
            "ip_address": record.ip_address,
            "key_id": record.key_id,
            "layer_version": record.layer_version,
            "policy_fingerprint": record.policy_fingerprint,
            "previous_hash": record.previous_hash,
            "project_id": record.project_id,
            "sequence": record.sequence,
            "status": record.status,
            "timestamp": timestamp(record.at),
            "user_id": record.user_id,
        }
    )


def sealed(event: AuditEvent, sequence: int, previous_hash: str, keys: Keys) -> AuditRecord:
    """The event as the record of that number, signed with the current key. Raises as `content`."""
    fields = msgspec.structs.asdict(event) | {"details": canonical(msgspec.json.decode(event.details, type=dict[str, object])).decode()}
    record = AuditRecord(**fields, sequence=sequence, previous_hash=previous_hash, key_id=keys.current_id)
    signed = content(record)
    return msgspec.structs.replace(record, hash=hashlib.sha256(signed).hexdigest(), hmac=keys.current.sign(signed))


def intact(record: AuditRecord, keys: Keys) -> bool:
    """Whether the record is, letter by letter, what was signed; False also where its key is not known."""
    try:
        signed = content(record)
        spelled = canonical(msgspec.json.decode(record.details, type=dict[str, object])) == record.details.encode()
    except (ValueError, TypeError):
        return False
    return spelled and hashlib.sha256(signed).hexdigest() == record.hash and keys.signed(record.key_id, signed, record.hmac)


def checkpoint(head: AuditRecord, at: dt.datetime, keys: Keys) -> Checkpoint:
    """A checkpoint of a chain that ends in that record, signed with the current key."""
    unsigned = Checkpoint(head.project_id, head.sequence or 0, head.hash, timestamp(at), keys.current_id)
    return msgspec.structs.replace(unsigned, hmac=keys.current.sign(unsigned.content()))


def _check(value: object) -> None:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise TypeError("a name is not ASCII")
            _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    elif isinstance(value, int):
        if not -MOST_EXACT <= value <= MOST_EXACT:
            raise TypeError("an integer is beyond what a double holds exactly")
    elif value is not None and not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} has no canonical form here")
