"""Tokens of a question, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from app.language.inflect import fold, root, stem


class TokenKind(Enum):
    """What a token is made of."""

    WORD = auto()
    NUMBER = auto()
    DATE = auto()
    QUOTED = auto()
    MARK = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are characters of the question; `text` is the token as written, `word` folded, `stem` and `root` its base forms."""

    start: int
    end: int
    text: str
    kind: TokenKind
    word: str
    stem: str
    root: str


_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]{1,200}"|“[^”]{1,200}”|«[^»]{1,200}»|(?<!\w)'[^']{1,200}'(?!\w)|(?<!\w)‘[^’]{1,200}’(?!\w)|`[^`]{1,200}`)
    |(?P<date>(?<![\w.,])\d{4}-\d{2}-\d{2}(?!\w)|(?<![\w.,])\d{4}-(?:\d{2}|[qQwW]\d{1,2})(?![\w-])|(?<![\w.,])\d{1,2}[./]\d{1,2}[./]\d{4}(?!\w))
    |(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[kKmM](?![^\W_])|(?![^\W_])))
    |(?P<word>[^\W_]+(?:['’][^\W_]+)*)
    |(?P<mark><=|>=|<>|!=|==|[^\s\w])""",
    re.VERBOSE,
)
_UNSEEN = ("Cf", "Cc")
"""Joiners, marks of direction, control characters: what is pasted holds them, and nobody sees them or means anything by them."""
_SPLIT_YEAR = re.compile(r"^(\d{4})(q[1-4]|h[12])$|^(q[1-4]|h[12])(\d{4})$")
_WITH = re.compile(r"\bw/\s?(?=\w)", re.IGNORECASE)
_APART = frozenset({"down", "up", "out"})
_BREAK = frozenset({"break", "split", "divide", "slice", "cut", "breaking", "splitting"})
_BESIDE = frozenset({"by", "side", "one", "step", "line"})
_ORDINAL = re.compile(r"^(\d{1,2})(st|nd|rd|th)$")


def tokens(question: str) -> tuple[Token, ...]:
    """The tokens of a text of any kind, in order; what can't be seen is none."""
    found = []
    for match in _TOKEN.finditer(question):
        kind = TokenKind[str(match.lastgroup).upper()]
        text = match.group()
        if kind is TokenKind.MARK and unicodedata.category(text[0]) in _UNSEEN:
            continue
        word = fold(text)
        if kind is TokenKind.WORD:
            word = word.replace("’", "'")
            word = word.removesuffix("'s").replace("'", "")
            glued = _SPLIT_YEAR.match(word)
            if glued:
                found += _split_year(match.start(), text, glued)
                continue
            ordinal = _ORDINAL.match(word)
            if ordinal:
                word = ordinal.group(1)
        elif kind is TokenKind.QUOTED:
            text = text[1:-1]
            word = fold(text).strip()
        found.append(Token(match.start(), match.end(), text, kind, word, stem(word), root(word)))
    return tuple(found)


def _split_year(start: int, text: str, glued: re.Match[str]) -> list[Token]:
    """`2026Q2` and `Q22026` as two tokens."""
    cut = glued.end(1) if glued.group(1) else glued.end(3)
    parts = ((0, cut), (cut, len(text)))
    return [
        Token(
            start + low,
            start + high,
            text[low:high],
            TokenKind.NUMBER if text[low:high].isdigit() else TokenKind.WORD,
            fold(text[low:high]),
            fold(text[low:high]),
            fold(text[low:high]),
        )
        for low, high in parts
    ]


@lru_cache(maxsize=65536)
def phrase_words(text: str) -> tuple[str, ...]:
    """The stems of the words of a name or label: `Sales_channels` → `(sale, channel)`."""
    text = _WITH.sub("with ", text)
    return tuple(
        stem(fold(part).replace("’", "'").removesuffix("'s").replace("'", "")) for part in re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text)
    )


def each_by_each(words: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens without the first word of `country by country`, and with `by` for the last of `country-wise`: both group by the country."""
    found = list(words)
    for at in range(len(found) - 2, 0, -1):
        before, joint, after = found[at - 1 : at + 2]
        if joint.word == "by" and before.word == after.word and before.kind is TokenKind.WORD and before.word not in _BESIDE:
            found.pop(at - 1)
    for at in range(len(found) - 2, 1, -1):
        if found[at].word in _APART and found[at + 1].word == "by":  # `break orders down by status`
            verb = next((place for place in range(at - 2, max(-1, at - 6), -1) if found[place].word in _BREAK), None)
            if verb is not None:
                found.pop(at)
                found.pop(verb)
                break
    for at in range(len(found) - 1, 1, -1):
        joint = found[at - 1]
        if found[at].word == "wise" and joint.text == "-" and found[at - 2].kind is TokenKind.WORD:
            found[at - 2 : at + 1] = [replace(joint, text="by", kind=TokenKind.WORD, word="by", stem="by", root="by"), found[at - 2]]
    return tuple(found)
