"""The words of a question as they stand in it: a project is written in them, and not in the stems by which questions are read."""

from __future__ import annotations

from app.language.text import Token, TokenKind, tokens

_HYPHENS = frozenset("-‐‑")


def as_said(stems: str, question: str) -> tuple[str, ...]:
    """The words of these stems as the question has them, the likeliest first: with what hyphens join to them (`walk-in`), and alone. () where they do not stand side
    by side, or are no words."""
    wanted = tuple(stems.split())
    words = [word for word in tokens(question) if word.text not in _HYPHENS]
    rows = (words[at : at + len(wanted)] for at in range(len(words) - len(wanted) + 1))
    row = next((row for row in rows if tuple(word.stem for word in row) == wanted), [])
    if not row or any(word.kind is not TokenKind.WORD for word in row):
        return ()
    first, last = words.index(row[0]), words.index(row[-1])
    while first > 0 and _joined(words[first - 1], words[first], question):
        first -= 1
    while last + 1 < len(words) and _joined(words[last], words[last + 1], question):
        last += 1
    spans = ((words[first].start, words[last].end), (row[0].start, row[-1].end))
    return tuple(dict.fromkeys(_in_a_sentence(question, start, end) for start, end in spans))


def _joined(one: Token, other: Token, question: str) -> bool:
    return other.kind is TokenKind.WORD and one.kind is TokenKind.WORD and question[one.end : other.start] in _HYPHENS


def _in_a_sentence(question: str, start: int, end: int) -> str:
    """The words without the capital that begins a question; names and abbreviations keep theirs."""
    text = " ".join(question[start:end].split())
    if question[:start].strip():
        return text
    head, space, others = text.partition(" ")
    parts = head.split("-")
    return f"{head.lower() if all(part.istitle() for part in parts) else head}{space}{others}"
