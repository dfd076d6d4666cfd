"""Put right the misspelt words of a question, before it is cut into pieces."""

from __future__ import annotations

from dataclasses import replace

from app.language.inflect import root, stem
from app.language.lexicon import Lexicon
from app.language.periods import Period
from app.language.senses import Kind
from app.language.text import Token, TokenKind
from app.language.words import GRAMMAR

_NAMES = (Kind.METRIC, Kind.DIMENSION)
_WELL = 0.85


def mended(tokens: tuple[Token, ...], periods: tuple[Period, ...], lexicon: Lexicon) -> tuple[Token, ...]:
    """The tokens, with misspelt words replaced by the name-word they surely meant (their text stays as written): the one that is nearest, or, where none is
    or several are, the one that makes a name with the word beside it (`new contarcts`)."""
    dated = {at for period in periods for at in range(period.first, period.last)}
    found = list(tokens)
    known: dict[str, str | None] = {}
    for at, token in enumerate(tokens):
        if at not in dated and token.kind is TokenKind.WORD and not {token.stem, token.root} & lexicon.words and token.word not in GRAMMAR:
            if token.word not in known:
                ways = ((speller, form) for speller in (lexicon.names, lexicon.spelling) for form in (token.word, token.stem))
                known[token.word] = next((meant for speller, form in ways if (meant := speller.correct(form))), None)
            meant = known[token.word] or _beside(
                token, found[at - 1] if at else None, tokens[at + 1] if at + 1 < len(tokens) else None, lexicon
            )
            if meant:
                found[at] = replace(token, stem=stem(meant), root=root(meant))
    return tuple(found)


def _beside(token: Token, before: Token | None, after: Token | None, lexicon: Lexicon) -> str | None:
    """The one word near to a misspelt one that makes a name with a neighbour."""
    fits = {stem(one) for one in lexicon.names.near(token.word) if _is_name(before, stem(one), after, lexicon)}
    return fits.pop() if len(fits) == 1 else None


def _is_name(before: Token | None, word: str, after: Token | None, lexicon: Lexicon) -> bool:
    pairs = [(before.stem, word)] if before is not None else []
    if after is not None:
        pairs.append((word, after.stem))
    return any(s.kind in _NAMES and s.weight >= _WELL for pair in pairs for s in lexicon.phrases.get(pair, ()))
