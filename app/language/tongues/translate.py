"""Grammar words of another language become those of English, each at its own place in the question; names and values stay as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.language.inflect import fold, root, stem
from app.language.text import Token, TokenKind
from app.language.tongues import arabic, french, german, spanish
from app.language.words import GRAMMAR

_ENDINGS = ("innen", "en", "er", "es", "e", "n", "s", "x", "as", "os")
_FOUND = "hat war solo pro mars mayo mes sin hay son plus des par pour sur chef mai die man rat art gut fast was per total media con as ha el la de en un e o y u"
_ENGLISH = frozenset(_FOUND.split(" "))
"""Words that one finds in English texts too: one of them alone makes no question foreign."""
_JOINING = frozenset({"en", "par", "de", "des", "por", "con", "sur", "pour"})
"""Of these those that are enough beside names alone: `factures par mode de paiement`."""
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل")


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: English words by the folded words that say the same, how long the longest phrase is, and its words."""

    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    longest: int
    words: frozenset[str]


def _tongue(text: str) -> Tongue:
    phrases: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in text.strip().split("\n"):
        own, _, english = line.partition(" = ")
        for phrase in own.split("|"):
            phrases.setdefault(tuple(fold(phrase).split()), tuple(english.split()))
    return Tongue(phrases, max(map(len, phrases)), frozenset(word for phrase in phrases for word in phrase))


TONGUES: tuple[Tongue, ...] = tuple(_tongue(one.TEXT) for one in (german, french, spanish, arabic))


def translated(tokens: tuple[Token, ...], names: frozenset[str], whole: Collection[tuple[str, ...]]) -> tuple[Token, ...]:
    """The tokens with the grammar of the language that the question is in said in English; as they are where that is English. `names` are the words of
    the layer's names, `whole` the names: a word that is one is no grammar."""
    words = [token.word for token in tokens if token.kind is TokenKind.WORD]
    foreign = [word for word in words if word not in GRAMMAR and not {stem(word), root(word)} & names]
    if not foreign:
        return tokens
    tongue = max(TONGUES, key=lambda one: (sum(word in one.words for word in foreign), sum(word in one.words for word in words)))
    said = {word for word in foreign if word in tongue.words}
    english = any(word in GRAMMAR and len(word) > 1 and word not in tongue.words for word in words)
    if not said or (len(said) == 1 and said <= _ENGLISH and (english or not said <= _JOINING)):
        return _base_forms(tokens, names)
    return _base_forms(_said(tokens, tongue, whole), names)


def _said(tokens: Sequence[Token], tongue: Tongue, whole: Collection[tuple[str, ...]]) -> tuple[Token, ...]:
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        for length in range(min(tongue.longest, len(tokens) - at), 0, -1):
            part = tokens[at : at + length]
            english = tongue.phrases.get(tuple(token.word for token in part)) if all(t.kind is TokenKind.WORD for t in part) else None
            if english and not (length == 1 and (part[0].stem,) in whole and part[0].word not in GRAMMAR):
                found += [_token(part, word) for word in english]
                at += length
                break
        else:
            found.append(_number(tokens[at]))
            at += 1
    return tuple(found)


def _number(token: Token) -> Token:
    """A number with points between its thousands, as it is written in these languages."""
    if token.kind is not TokenKind.NUMBER or not _THOUSANDS.fullmatch(token.word):
        return token
    plain = token.word.replace(".", "")
    return Token(token.start, token.end, token.text, token.kind, plain, plain, plain)


def _token(part: Sequence[Token], word: str) -> Token:
    return Token(part[0].start, part[-1].end, part[0].text, TokenKind.WORD, word, stem(word), root(word))


def _base_forms(tokens: tuple[Token, ...], names: frozenset[str]) -> tuple[Token, ...]:
    """Inflected forms of the layer's names without their endings, and Arabic ones without what is written before them."""
    return tuple(_base_form(token, names) for token in tokens)


def _base_form(token: Token, names: frozenset[str]) -> Token:
    if token.kind is not TokenKind.WORD or token.word in GRAMMAR or {token.stem, token.root} & names:
        return token
    forms = [token.word[: -len(end)] for end in _ENDINGS if token.word.endswith(end) and len(token.word) - len(end) >= 4]
    forms += [token.word[len(start) :] for start in _PREFIXES if token.word.startswith(start) and len(token.word) - len(start) >= 2]
    forms += [f"{token.word}{end}" for end in ("e", "s", "en", "n") if len(token.word) >= 4]
    meant = next((form for form in forms if stem(form) in names), None)
    return token if meant is None else Token(token.start, token.end, token.text, token.kind, token.word, stem(meant), root(meant))
