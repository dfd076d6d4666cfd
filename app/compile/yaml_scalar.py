"""Where each character of a YAML scalar's value stands in the file: plain, quoted and block scalars, folded and escaped as YAML has it (1.2, chapters 7 and 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Char = tuple[str, int, int]
"""A character of the value, with the 1-based line and column where it is written."""

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_BLOCK = re.compile(r"([|>])([-+]?)([1-9]?)([-+]?)\s*(?:#.*)?$")
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"} | {
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_CODES = {"x": 2, "u": 4, "U": 8}


def place_in(lines: Sequence[str], line: int, column: int, text: str, offset: int) -> tuple[int, int] | None:
    """The line and column of the character of `text` at `offset`, where the scalar that begins at `line` and `column` is what `text` was read from.

    None where it is not, as where Jinja was rendered in it: then no place within it can be told. White space around the text is of no account.
    """
    wanted = text.strip()
    index = min(max(offset - (len(text) - len(text.lstrip())), 0), max(len(wanted) - 1, 0))
    found: tuple[int, int] | None = None
    read = 0
    for char, at_line, at_column in _chars(lines, line, column):
        if read == 0 and char.isspace():
            continue
        if read == len(wanted):
            break
        if char != wanted[read]:
            return None
        if read == index:
            found = at_line, at_column
        read += 1
    return found if read == len(wanted) else None


def _chars(lines: Sequence[str], line: int, column: int) -> Iterator[Char]:
    """The value, character by character; of a plain scalar perhaps with what follows it."""
    first = lines[line - 1]
    start = column - 1
    properties = _PROPERTIES.match(first, start)
    start = properties.end() if properties else start
    block = _BLOCK.match(first, start)
    if block is not None:
        return _block(lines, line, block[1] == ">", int(block[3] or 0))
    if first[start : start + 1] == "'":
        return _folded(_quoted(lines, line, start + 1, "'"))
    if first[start : start + 1] == '"':
        return _folded(_quoted(lines, line, start + 1, '"'))
    return _folded(_plain(lines, line, start))


def _block(lines: Sequence[str], line: int, folds: bool, indicated: int) -> Iterator[Char]:
    """A literal (`|`) or folded (`>`) block; where it says its indentation, that counts from the key's."""
    body = lines[line:]
    first = next((text for text in body if text.strip()), "")
    indent = _key_indent(lines[line - 1]) + indicated if indicated else len(first) - len(first.lstrip(" "))
    held: list[Char] = []
    spaced = False
    for number, text in enumerate(body, line + 1):
        content = text[indent:]
        if text.strip() and len(text) - len(text.lstrip(" ")) < indent:
            return
        more = content[:1] in (" ", "\t")
        if content and held:
            # A single break between lines that are not indented further is a space; of several, one is lost.
            if folds and not more and not spaced:
                yield from [(" ", *held[0][1:])] if len(held) == 1 else held[1:]
            else:
                yield from held
            held = []
        if content:
            spaced = more
            yield from ((char, number, indent + 1 + at) for at, char in enumerate(content))
        held.append(("\n", number, len(text) + 1))


def _key_indent(text: str) -> int:
    """The indentation of the mapping in which the line is an entry, dashes of sequences included."""
    found = re.match(r"[ ]*(?:- +)*", text)
    return found.end() if found else 0


def _plain(lines: Sequence[str], line: int, start: int) -> Iterator[Char]:
    """A plain scalar with its lines, comments left out; where it ends is not looked for."""
    indent = min(_key_indent(lines[line - 1]), start - 1)
    for number in range(line, len(lines) + 1):
        text = lines[number - 1]
        begin = start if number == line else 0
        if number > line and text.strip() and len(text) - len(text.lstrip(" ")) <= indent and begin == 0:
            return
        end = text.find(" #", begin)
        yield from ((text[at], number, at + 1) for at in range(begin, end if end >= 0 else len(text)))
        if end >= 0:
            return
        yield "\n", number, len(text) + 1


def _quoted(lines: Sequence[str], line: int, start: int, quote: str) -> Iterator[Char]:
    """A quoted scalar up to its closing quote, escapes resolved; an escaped line break gives nothing, other breaks stay."""
    number, at = line, start
    while number <= len(lines):
        text = lines[number - 1]
        if at >= len(text):
            yield "\n", number, at + 1
            number, at = number + 1, 0
        elif text[at] == "\\" and quote == '"':
            if at == len(text) - 1:
                number, at = number + 1, 0
                at = len(lines[number - 1]) - len(lines[number - 1].lstrip()) if number <= len(lines) else 0
                continue
            digits = _CODES.get(text[at + 1], 0)
            code = text[at + 2 : at + 2 + digits]
            value = chr(int(code, 16) % 0x110000) if digits and re.fullmatch("[0-9a-fA-F]+", code) else _ESCAPES.get(text[at + 1], "")
            # Not to be taken for white space that a line break swallows.
            yield f"\\{value}", number, at + 1
            at += 2 + digits
        elif text[at] == quote:
            if quote == "'" and text[at + 1 : at + 2] == "'":
                yield "'", number, at + 1
                at += 2
                continue
            return
        else:
            yield text[at], number, at + 1
            at += 1


def _folded(chars: Iterator[Char]) -> Iterator[Char]:
    """Flow folding: white space around a line break goes, a single break is a space, and of several one is lost."""
    blanks: list[Char] = []
    breaks: list[Char] = []
    for char in chars:
        if char[0] == "\n":
            breaks.append(char)
            blanks = []
        elif char[0] in (" ", "\t"):
            blanks.append(char)
        else:
            if breaks:
                yield from [(" ", *breaks[0][1:])] if len(breaks) == 1 else breaks[1:]
            else:
                yield from blanks
            blanks, breaks = [], []
            yield (char[0][1:], *char[1:]) if len(char[0]) == 2 else char
