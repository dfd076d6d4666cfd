"""Whether two SQL templates, as people write them, differ in their spelling alone; and whether their compiled statements hold all that they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import TypeAlias

from app.compile.diff.sql_text import may_be_read_otherwise

_STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_BLOCK = rf"""(?:\{{\{{(?:{_STRING}|(?!\}}\}}).)*+\}}\}}|\{{%(?:{_STRING}|(?!%\}}).)*+%\}})"""
_COMMENT = re.compile(rf"({_BLOCK})|(\s*\{{\#-|\{{\#)(?:.*?)(-\#\}}\s*|\#\}})", re.DOTALL)
_TOKEN = re.compile(
    rf"""(?P<gap>\s+)
    | (?P<block>{_BLOCK})
    | (?P<comment>--(?:{_BLOCK}|[^\n])*|/\*(?:{_BLOCK}|(?!\*/).)*+\*/)
    | (?P<quoted>(?:[A-Za-z]{{1,2}}|[uU]&)?'(?:{_BLOCK}|[^']|'')*+'|"(?:{_BLOCK}|[^"]|"")*+"|`(?:{_BLOCK}|[^`])*+`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<word>\w[\w$]*|.)""",
    re.VERBOSE | re.DOTALL,
)
_INNER = re.compile(rf"(?:\{{[{{%][-+]?|[-+]?[%}}]\}})|{_STRING}|\s+|\w+|.", re.DOTALL)
_UNSURE = re.compile(r"\{%[-+]?\s*(?:raw|set\s+\w+\s*%|set\s+\w+\s*-%|call|filter)\b|endset|endcall|endfilter|endraw")
_JOINS_NOTHING = frozenset("(),;")
_BROKEN = frozenset(("'", '"', "`", "{"))

Reader: TypeAlias = Callable[[str], bool]
"""Whether a template reads one of certain variables."""


def reader_of(variables: Collection[str] | None) -> Reader:
    """Tells of templates that read one of these variables, or one whose name is only known when they run; with None of those that read any."""
    if variables is None:
        return lambda text: bool(_VAR.search(text))
    names = frozenset(variables)
    return lambda text: bool(names) and "var" in text and any(not found[2] or found[2] in names for found in _VAR.finditer(text))


_VAR = re.compile(r"""\bvar\s*(?:\.\s*has_var\s*)?\(\s*(?:(['"])([^'"]+)\1\s*[,)])?""")


def template_words(text: str, dialect: str) -> list[str] | None:
    """The words and signs of a template without white space and comments; None where it is not sure what they make.

    Jinja runs before SQL is read: it counts within SQL's comments and strings too, and white space beside it may part or join what it gives
    (`amount{{ suffix }}` is one name), so there it is kept, as one blank.
    """
    if "{" not in text and "}" not in text:
        written = text
    elif _UNSURE.search(text):
        return None
    else:
        written = _COMMENT.sub(lambda found: found[1] or "", text)
    if may_be_read_otherwise(written, dialect):
        return None
    words: list[str] = []
    gap = after_block = False
    for found in _TOKEN.finditer(written.strip()):
        kind, token = found.lastgroup, found[0]
        holds = "{{" in token or "{%" in token
        if kind == "tag":
            kind = "quoted"
        if kind == "gap" or (kind == "comment" and not holds and not token.startswith("/*!")):
            gap = True
            continue
        if (kind == "quoted" and "{%" in token) or (kind == "word" and token in _BROKEN):
            return None
        block = kind in ("block", "comment")
        if gap and (block or after_block) and words and words[-1] not in _JOINS_NOTHING and token not in _JOINS_NOTHING:
            words.append(" ")
        words += _inner_words(token) if kind == "block" else [token]
        gap, after_block = False, block
    return words


def _inner_words(block: str) -> Iterator[str]:
    return (word for found in _INNER.finditer(block) if not (word := found[0]).isspace())


_ARGUMENT = rf"(?:\w+\s*=\s*)?(?:{_STRING}|\w+)"
_PLAIN = re.compile(rf"\{{\{{-?\s*(?:ref|source|config)\(\s*(?:{_ARGUMENT}\s*(?:,\s*{_ARGUMENT}\s*)*)?,?\s*\)\s*-?\}}\}}", re.DOTALL)


def compiled_tells_all(left: str, right: str) -> bool:
    """Whether what differs between two templates is in their compiled statements for sure.

    A compiled statement is of one target and one moment: a branch that was not taken (`is_incremental()`, `target.name`) is not in it. So no statement of
    Jinja's (`{% … %}`) may be there, and what is called must be the same on both sides, what only names a relation aside.
    """
    blocks = [[block for block in re.findall(_BLOCK, text, re.DOTALL) if not _PLAIN.fullmatch(block)] for text in (left, right)]
    return blocks[0] == blocks[1] and not any(block.startswith("{%") for block in blocks[0])
