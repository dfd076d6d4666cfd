"""Our own words in the slot that a format leaves for those of others: the exact definition, and a seal over the plain part that it stands for.

Where the plain part was changed since, the seal is broken, and the plain part is what counts.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from app.compile.interchange.definitions import Definition

VENDOR = "DATAMIND"
KEY = "datamind_definition"
"""The key in a `meta` of others. Not `datamind`, which holds policies in a dbt project, and refuses what it does not know."""
VERSION = 1


def sealed(definition: Any, plain: Any) -> Definition:
    """The extension that holds a definition for a plain part."""
    return {"version": VERSION, "seal": _seal(plain), "definition": definition}


def opened(extension: Any, plain: Any) -> Any | None:
    """The definition, where the plain part is as it was when it was sealed; None where it is not, or the extension is none of ours."""
    if not isinstance(extension, dict) or extension.get("version") != VERSION or extension.get("seal") != _seal(plain):
        return None
    return extension.get("definition")


def _seal(plain: Any) -> str:
    """The hash of a plain part: of its values, whatever the order of keys and the form of the text."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]
