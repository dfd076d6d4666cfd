"""Text that is no question: empty, endless, wordless, SQL or code."""

from __future__ import annotations

import re

from app.errors import Problem

LONGEST = 2_000
"""Characters of a question that is read."""

_SQL = re.compile(
    r"^\s*(?:--.*\n\s*|/\*.*?\*/\s*)*(?:select\s+(?:distinct\s+)?(?:\*|[\w.\"]+(?:\s*\([^)]*\))?(?:\s+as\s+\w+)?(?:\s*,\s*[\w.\"]+(?:\s*\([^)]*\))?(?:\s+as\s+\w+)?)*)\s+from\s+[\w.\"]+|with\s+\w+\s+as\s*\(|insert\s+into\b|update\s+\w+\s+set\b|delete\s+from\b|"
    r"(?:drop|create|alter|truncate)\s+(?:table|view|schema|database|user|role|index)\b|select\s+(?:\*|\d|\w+\())|;\s*(?:select|drop|insert|delete|update)\b|"
    r"\bunion\s+(?:all\s+)?select\b",
    re.IGNORECASE | re.DOTALL,
)
_ORDER = re.compile(
    r"^\W*(?:please |now |can you |could you |you must |you should )*(?:delete|remove|cancel|update|insert|create|send|e-?mail|grant|revoke|refund|transfer|approve|pay|"
    r"set|disable|enable|drop|truncate|kill|stop|reset|modify|edit|write|buy|ignore|forget|pretend|act|install|deploy|fire|hire)\b\s+"
    r"(?:all|the|every|my|our|this|that|these|those|a|an|to|everything|previous|any|user|users|as|your|him|her|them)\b",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:^|\n)\s*(?:def \w+\(|class \w+[:(]|import \w+(?:\s*$|\s+as\b)|from \w+ import|function\s*\w*\(|#include|<\?php|<script|\$\{|\{%|\{\{|const \w+ =|print\()|"
    r"=>\s*\{|\w+\(\)\s*[;{]",
    re.IGNORECASE,
)


_CHANGE = re.compile(
    r"^\W*(?:please |now |can you |could you |you must |you should )*(?:change|rename|reassign|assign|move|switch|promote|downgrade|upgrade|mark|reset)\s+"
    r"(?!in\b|of\b|to\b|by\b|it\b|that\b|this\b|from\b|the (?:chart|period|group|grouping|grain|time|range|filter)\b).*\b(?:to|as|into)\b",
    re.IGNORECASE | re.DOTALL,
)


def guard(question: str) -> Problem | None:
    """The Problem of a text that can't be a question, or None."""
    if not question.strip():
        return Problem("DM6001", "the question is empty", hint="ask for a metric, such as one of those listed")
    if len(question) > LONGEST:
        return Problem(
            "DM6003", f"the question is too long ({len(question):,} characters; at most {LONGEST:,})", hint="ask for one thing at a time"
        )
    if _SQL.search(question):
        return Problem(
            "DM6004",
            "that is SQL, not a question",
            hint="send it as SQL (`datamind sql`, or POST /api/v1/sql/execute), where it is checked and governed",
        )
    if _CODE.search(question):
        return Problem("DM6005", "that is program code, not a question", hint="ask in words")
    if _ORDER.search(question) or _CHANGE.search(question):
        return Problem(
            "DM6017", "that is something to be done, and questions are all that is answered here", hint="ask what you want to know"
        )
    if not any(c.isalpha() for c in question):
        return Problem("DM6002", "there are no words in the question", hint="ask for a metric, such as one of those listed")
    return None
