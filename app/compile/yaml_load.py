"""YAML texts → values or nodes, by ruamel.yaml's safe reader: the one place that knows how it fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError


class NotYaml(Exception):
    """A text is no YAML that can be read: why, and the 1-based line and column, 0 where the reader does not tell."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


def load_yaml(text: str) -> Any:
    """The value of a text of one document, None where it is empty. Raises NotYaml."""
    with _told():
        return _reader().load(text)


def compose_yaml(text: str) -> list[Node | None]:
    """The documents of a text as nodes with their places, None for one that is empty. Raises NotYaml."""
    with _told():
        return list(_reader().compose_all(text))


def is_yaml(text: str) -> bool:
    """Whether the text can be read, which what we put into somebody's file must leave it."""
    try:
        load_yaml(text)
    except NotYaml:
        return False
    return True


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False  # YAML allows it, and a Python warning is for nobody
    return reader


@contextmanager
def _told() -> Iterator[None]:
    """What the reader raises, as NotYaml without a value of the text, which may be a secret. Making a value may raise anything: `!!bool x` is a KeyError, an
    impossible date a ValueError."""
    try:
        yield
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(_reason(error), *((mark.line + 1, mark.column + 1) if mark else ())) from error
    except RecursionError as error:
        raise NotYaml("it nests too deep") from error
    except ReaderError as error:
        raise NotYaml("it holds a character that YAML does not allow") from error
    except Exception as error:
        raise NotYaml(_NO_VALUE) from error


def _reason(error: MarkedYAMLError) -> str:
    if isinstance(error, DuplicateKeyError):
        return "a key is there twice"
    said = str(error.problem or error.context or "it can't be read")
    return _NO_VALUE if isinstance(error, ConstructorError) and not said.startswith(_OF_FORM) else said


_NO_VALUE = "a value is none of its type"
_OF_FORM = ("could not determine a constructor for the tag", "found unhashable key", "expected a ")
"""What the reader says of a value without saying the value."""
