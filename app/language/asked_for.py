"""What `who` and `where` have in common: things of a kind that a question asks for without naming them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.language.draft import Draft, Slot
from app.language.lexicon import Lexicon
from app.language.pieces import Piece
from app.language.reading import Role
from app.language.senses import Kind, Sense

_KNOWN = 0.7


def called(word: str, lexicon: Lexicon) -> Iterator[str]:
    """Each entity that a stem names, as what stands for it, and each dimension, but flags and times, that is called so."""
    for sense in lexicon.phrases.get((word,), ()):
        facts = lexicon.dimensions.get(sense.name)
        holds = sense.kind is Kind.DIMENSION and facts is not None and not (facts.is_flag or facts.is_time)
        if (sense.kind is Kind.ENTITY or holds) and sense.weight >= _KNOWN:
            yield lexicon.display.get(sense.name, sense.name)


def group_by_asked(draft: Draft, asked: Piece, names: Sequence[str], weight: float, lexicon: Lexicon) -> None:
    """Group by what is asked for, which may be any of the names, and rank it where there is a rank; without a name the word stays unexplained."""
    if not names:
        draft.unused.append(asked)
        return
    senses = tuple(Sense(Kind.DIMENSION if name in lexicon.dimensions else Kind.ENTITY, name, weight) for name in names)
    draft.groups.append(Slot(asked, senses))
    draft.roles = [(one, Role.GROUP if one == asked else role) for one, role in draft.roles]
    if draft.rank:
        draft.ranked.append(asked)
        draft.limit = draft.limit or 1
