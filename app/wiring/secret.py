"""The secret that signs tokens and keys the masks."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time

from app.errors import Problem, UserError, Where
from app.settings import Settings
from app.wiring.data_dir import made

_FILE = "secret.key"
_BYTES = 48


def mask_key(secret: str) -> str:
    """The key of `hash` masks, derived so that knowing one use of the secret tells nothing of another (HKDF's expand step, RFC 5869)."""
    return hmac.new(secret.encode(), b"datamind mask key\x01", hashlib.sha256).hexdigest()


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
