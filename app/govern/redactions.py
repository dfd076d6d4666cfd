"""Personal data in free text, masked by the engine itself: patterns that mean the same to PostgreSQL and ClickHouse.

SQL can't compute check digits and knows no word before a number, so these find more than `app.redaction`: every number that is written like a card, an IBAN or a
national id. The column's writer asked for it, and what is masked too much tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.model.types import Dialect
from app.redaction.found import PiiClass

# Only what both kinds of regular expressions read alike: no look-around, no `\\b`, `\\d` or `\\s`; what stands before is taken along and put back.
# One of them takes the longest match, the other the first that it finds: each pattern can match from a place in one way only.
_PLAIN = "^ \\t\\r\\n@<>\"'(),:;=&?/|"
_BEFORE = "(^|[^A-Za-z0-9_])"
_PATTERNS: dict[PiiClass, tuple[str, ...]] = {
    PiiClass.EMAIL: (f"()[{_PLAIN}]+(?:@|%40)(?:[{_PLAIN}.]+[.])+[{_PLAIN}.0-9][{_PLAIN}.]+",),
    PiiClass.IBAN: ("(^|[^A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?",),
    PiiClass.CARD: (_BEFORE + "[0-9](?:[ -]?[0-9]){12,18}",),
    PiiClass.NATIONAL_ID: (
        _BEFORE + "[A-Za-z]{6}[0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{3}[A-Za-z]",
        _BEFORE + "[1-478] ?[0-9]{2} ?[0-9]{2} ?2[ABab] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        _BEFORE + "(?:19|20)?[0-9]{6}[-+A-Fa-fU-Yu-y][0-9]{3}[0-9A-Za-z]",
        _BEFORE + "[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]",
        _BEFORE + "[0-9XYZxyz]-?[0-9]{7}-?[A-Za-z]",
        _BEFORE + "[0-9](?:[ .-]?[0-9]){7,17}[Xx]?",
    ),
    PiiClass.PHONE: (
        _BEFORE + "(?:[+]|00)[1-9](?:[ ./()-]{0,3}[0-9]){6,14}",
        _BEFORE + "[0-9](?:[ ./()-]{0,2}[0-9]){6,14}",
    ),
}
"""By class, in the order in which they are looked for; the first group is what stands before."""


def redact_classes(text: str, classes: Sequence[str], dialect: Dialect, quote: Callable[[str, Dialect], str]) -> str:
    """The expression `text` with the marks of the classes in place of what their patterns find."""
    for kind, patterns in _PATTERNS.items():
        for pattern in patterns if kind in classes else ():
            found, mark = quote(pattern, dialect), quote(f"\\1{kind.mark}", dialect)
            text = (
                f"replaceRegexpAll({text}, {found}, {mark})"
                if dialect is Dialect.CLICKHOUSE
                else f"regexp_replace({text}, {found}, {mark}, 'g')"
            )
    return text


_WORD = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:[a-z]+:\]|[^\]\\])*\]", re.DOTALL)
_SPACES = {r"\s": "[[:space:]]", r"\S": "[^[:space:]]"}


def for_re2(pattern: str) -> str:
    """A pattern as RE2 is to read it: its `\\s` does not hold the vertical tab, PostgreSQL's does."""

    def wider(word: re.Match[str]) -> str:
        if word[0].startswith("["):
            return re.sub(r"\\.", lambda sign: "[:space:]" if sign[0] == r"\s" else sign[0], word[0], flags=re.DOTALL)
        return _SPACES.get(word[0], word[0])

    return _WORD.sub(wider, pattern)
