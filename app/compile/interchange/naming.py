"""Names of others as names that dbt takes: lower case, digits and single underscores, at least two characters, none of dbt's own words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from app.model.types import Grain

_RESERVED = frozenset({*(grain.value for grain in Grain), "metric_time"})
"""What dbt lets no element be called; other words that we would not choose ourselves (`distinct`) stay, for people know their metrics by them."""
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "œ": "oe", "Œ": "Oe"}
)
"""Letters that are no other letter with a mark."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def dbt_name(written: str, fallback: str = "unnamed") -> str:
    """The nearest name that dbt takes: `Total Amount`, `totalAmount` and `total__amount` are `total_amount`."""
    ascii_text = unicodedata.normalize("NFKD", written.translate(_LETTERS)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", ascii_text).lower()).strip("_")
    if not name or not name[0].isalpha():
        name = f"{fallback}_{name}".strip("_")
    return f"{name}_value" if len(name) < 2 or name in _RESERVED else name


@dataclass(slots=True)
class Names:
    """Names of one kind, each given once."""

    taken: set[str] = field(default_factory=set)

    def give(self, *wanted: str) -> str:
        """The first of the names that is free, else the last with a number after it."""
        for name in wanted:
            if name not in self.taken:
                self.taken.add(name)
                return name
        number = 2
        while f"{wanted[-1]}_{number}" in self.taken:
            number += 1
        return self.give(f"{wanted[-1]}_{number}")
