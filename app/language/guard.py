"""Text that is no question: empty, endless, wordless, SQL or code."""

from __future__ import annotations

from collections.abc import Sized

import re2

from app.errors import Problem

LONGEST = 2_000
"""Characters of a question that is read."""
MOST_WORDS = 120
"""Words, numbers and signs of one: each may be cut and meant in several ways, and all of them are looked at."""

_NAME = r"[\w.\"]+(?:\s*\([^)]*\))?(?:\s+as\s+\w+)?"
_SQL = re2.compile(
    r"(?is)^[\s(`]*(?:sql\s+)?(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:explain\s+(?:analy[sz]e\s+)?)?(?:select\s+(?:distinct\s+)?(?:\*|"
    + _NAME
    + r"(?:\s*,\s*"
    + _NAME
    + r")*)\s+from\s+[\w.\"]+|"
    r"with\s+\w+\s+as\s*\(|insert\s+into\b|update\s+\w+\s+set\b|delete\s+from\b|select\s[^?]*\bfrom\s[^?]*(?:\bjoin\s|\b(?:group|order)\s+by\s|\bhaving\s|\blimit\s+\d|;\s*$)|"
    r"select\s[^?]*\bcase\s+when\b|show\s+(?:tables|databases|schemas)\b|"
    r"(?:drop|create|alter|truncate)\s+(?:table|view|schema|database|user|role|index)\b|select\s+(?:\*|\d|\w+\())|;\s*(?:select|drop|insert|delete|update)\b|"
    r"\bunion\s+(?:all\s+)?select\b"
)
_ORDER = re2.compile(
    r"(?i)^[^\pL\pN_]*(?:please |now |can you |could you |you must |you should )*(?:delete|remove|cancel|update|insert|create|send|e-?mail|grant|revoke|refund|transfer|"
    r"approve|pay|set|disable|enable|drop|truncate|kill|stop|reset|modify|edit|write|buy|ignore|forget|pretend|act|install|deploy|fire|hire)\b\s+"
    r"(?:all|the|every|my|our|this|that|these|those|a|an|to|everything|previous|any|user|users|as|your|him|her|them)\b"
)
_CODE = re2.compile(
    r"(?i)(?:^|\n)\s*(?:def \w+\(|class \w+[:(]|import \w+(?:\s*$|\s+as\b)|from \w+ import|function\s*\w*\(|#include|<\?php|<script|\$\{|\{%|\{\{|const \w+ =|print\()|"
    r"=>\s*\{|\w+\(\)\s*[;{]"
)
"""In RE2, whose time grows with the text alone: a few comments in a row would keep another engine for minutes."""


_CHANGE = re2.compile(
    r"(?is)^\W*(?:please |now |can you |could you |you must |you should )*(?:change|rename|reassign|assign|move|switch|promote|downgrade|upgrade|mark|reset)\s+"
    r"(?:the\s+)?(\w+).*\b(?:to|as|into)\b"
)
_OF_THE_QUESTION = frozenset(
    ["in", "of", "to", "by", "it", "that", "this", "from", "chart", "period", "group", "grouping", "grain", "time", "range", "filter"]
)
"""What is changed of a question, and not of the data: `change the period to May`, `change in revenue from May to June`."""


def guard(question: str) -> Problem | None:
    """The Problem of a text that can't be a question, or None."""
    if not question.strip():
        return Problem("DM6001", "the question is empty", hint="ask for a metric, such as one of those listed")
    if len(question) > LONGEST:
        return Problem(
            "DM6003", f"the question is too long ({len(question):,} characters; at most {LONGEST:,})", hint="ask for one thing at a time"
        )
    question = question.encode(errors="replace").decode()  # a lone half of a character is no text of which RE2 knows
    if _SQL.search(question):
        return Problem(
            "DM6004",
            "that is SQL, not a question",
            hint="send it as SQL (`datamind sql`, or POST /api/v1/sql/execute), where it is checked and governed",
        )
    if _CODE.search(question):
        return Problem("DM6005", "that is program code, not a question", hint="ask in words")
    change = _CHANGE.search(question)
    if _ORDER.search(question) or (change is not None and change.group(1).lower() not in _OF_THE_QUESTION):
        return Problem(
            "DM6017", "that is something to be done, and questions are all that is answered here", hint="ask what you want to know"
        )
    if not any(c.isalpha() for c in question):
        return Problem("DM6002", "there are no words in the question", hint="ask for a metric, such as one of those listed")
    return None


def endless(tokens: Sized) -> Problem | None:
    """The Problem of a text of so many words that nobody would read it as one question, or None."""
    if len(tokens) <= MOST_WORDS:
        return None
    return Problem(
        "DM6003", f"the question is too long ({len(tokens):,} words and signs; at most {MOST_WORDS})", hint="ask for one thing at a time"
    )
