"""Metrics' descriptions as comments at their output columns, for people who read the SQL; no tree that is governed or executed ever holds one."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect as Grammar

from app.model.types import Dialect
from app.sql.tree import copy_tree

MOST = 400
"""Characters of a comment that are shown."""


def commented(select: exp.Select, dialect: Dialect, comments: Mapping[str, str]) -> str:
    """The statement as text with each comment at the output column of its name; `select` is left as it is."""
    shown = copy_tree(select)
    for column in shown.expressions:
        text = comment_text(comments.get(column.alias_or_name, ""))
        if text:
            column.comments = [f" {text} "]
    return Grammar.get_or_raise(dialect.value).generate(shown, copy=False, comments=True, pretty=True)


def comment_text(text: str) -> str:
    """A text of any kind as it may stand between `/*` and `*/`: one line of visible characters that neither ends the comment nor opens one within.

    PostgreSQL nests comments, so an opened one would swallow what follows. Marks that turn the direction of writing are left out with the other
    invisible ones: a line that shows otherwise than it reads could pass for SQL.
    """
    visible = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    line = " ".join(visible.split()).replace("*/", "* /").replace("/*", "/ *")
    return line if len(line) <= MOST else f"{line[: MOST - 1].rstrip()}…"
