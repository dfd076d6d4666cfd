"""The secret that signs tokens and keys the masks."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Problem, UserError, Where
from app.model.audit.chain import Key, Keys
from app.settings import Settings
from app.wiring.data_dir import made

_FILE = "secret.key"
_BYTES = 48


def mask_key(secret: str) -> str:
    """The key of `hash` masks, derived so that knowing one use of the secret tells nothing of another (HKDF's expand step, RFC 5869)."""
    return hmac.new(secret.encode(), b"datamind mask key\x01", hashlib.sha256).hexdigest()


def audit_keys(settings: Settings, secret: str) -> Keys:
    """The keys of the audit trail: of its own secret, else of the one that signs tokens; and of those that were set before, for what they signed."""
    own = settings.audit_key.get_secret_value() if settings.audit_key is not None else secret
    return Keys(audit_key(own), [audit_key(old.get_secret_value()) for old in settings.audit_old_keys])


def audit_key(secret: str) -> Key:
    """The key that signs records where that secret is set (HKDF with SHA-256, RFC 5869)."""
    return Key(HKDF(hashes.SHA256(), 32, salt=None, info=b"datamind audit key").derive(secret.encode()))


def secret_key(settings: Settings) -> str:
    """The secret that the settings name, else the one kept in the data directory, generated at first (mode 0600; two processes at once agree).

    Raises UserError DM1060 where it can be neither read nor written: nothing is signed with a key that is lost at the next start.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = made(settings.data_dir) / _FILE
    try:
        draft = path.with_name(f"{_FILE}.{os.getpid()}.{time.monotonic_ns()}")
        if not path.exists():
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # fails where another process was first: its key holds
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise UserError(
            Problem("DM1060", f"the secret key can't be kept: {error.strerror}", where=Where(str(path)), hint="set DATAMIND_SECRET_KEY")
        ) from error
