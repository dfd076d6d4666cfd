"""Whatever a text of a project holds, a reader of Markdown takes it for a text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.compile.markdown.escape import cell, code, prose

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
SIGNS = st.text("`|\\*_~<>&@#!$%[](){}-+=.:/ \n\t1aB" + "é\u202e", max_size=30)
HOSTILE = [
    "a | b",
    "\\| x",
    "\\",
    "ends in \\",
    "@team see #12 and !7",
    "<img src=x onerror=alert(1)>",
    "`<img>",
    "``<img>` @team",
    "\\`@team\\`",
    "[a](http://evil.example)",
    "![a](http://evil.example)",
    "http://evil.example",
    "</details><h1>",
    "<!-- datamind -->",
    "# heading",
    "1. one",
    "- x\n- y",
    "a\n\n/approve",
    "```\nx",
    "*bold* _it_ ~~no~~",
    "&lt;img&gt;",
    "a `b` `c|d` e",
    "`a``b`",
]


def pieces(markdown: str) -> list[Token]:
    """The inline tokens of a paragraph."""
    inline = [token for token in READER.parse(markdown) if token.type == "inline"]
    assert len(inline) == 1, markdown
    return inline[0].children or []


def said(tokens: list[Token]) -> str:
    """What a person reads."""
    assert {token.type for token in tokens} <= {"text", "code_inline", "text_special"}, tokens
    return "".join(token.content for token in tokens)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "")).strip()


def letters(text: str) -> str:
    """All that is neither space nor a backtick, which a name in code loses."""
    return re.sub(r"[\s`\u200b]+", "", text)


def row(content: str) -> list[list[Token]]:
    """The cells of a table's row that begins with this one."""
    table = READER.parse(f"| a | b |\n| --- | --- |\n| {content} | last |\n")
    assert table[0].type == "table_open"
    return [token.children or [] for token in table if token.type == "inline"][2:]


def references(tokens: list[Token]) -> list[str]:
    """What GitHub or GitLab would take for a mention, an issue or an address, in what is no code."""
    return re.findall(r"[@#!~$%]\w|://", "".join(token.content if token.type != "code_inline" else " " for token in tokens))


@pytest.mark.parametrize("text", HOSTILE)
def test_words_stay_words(text: str) -> None:
    check_words(text)


@given(SIGNS)
def test_any_words_stay_words(text: str) -> None:
    check_words(text)


def check_words(text: str) -> None:
    if not text.strip():
        return
    (item,) = [token for token in READER.parse(f"- {prose(text)}\n") if token.type == "inline"]
    tokens = item.children or []
    assert letters(said(tokens)) == letters(text)
    assert references(tokens) == []
    first, last = row(prose(text, in_cell=True))
    assert said(last) == "last"
    assert letters(said(first)) == letters(text)
    assert references(first) == []


@given(SIGNS)
def test_code_is_one_piece_of_code(text: str) -> None:
    (piece,) = pieces(code(text))
    assert (piece.type, plain(piece.content)) == ("code_inline", plain(text))
    if text.strip():
        first, last = row(cell(text))
        assert ([token.type for token in first], said(last)) == (["code_inline"], "last")
        assert plain(said(first)) == plain(text)


def test_names_in_backticks_are_code() -> None:
    assert prose("metric `a_b` is _new_") == "metric `a_b` is \\_new\\_"
    assert prose("`a|b`", in_cell=True) == "`a\\|b`"
    assert prose("`a|b`") == "`a|b`"
