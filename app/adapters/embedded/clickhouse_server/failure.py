"""Failures as ClickHouse tells them: a numeric code, a text `Code: N. DB::Exception: …. (NAME)` and the HTTP status that its server gives that code."""

from __future__ import annotations

import re

_ENGINE_TEXT = re.compile(r"Code: (\d+)\. ")
_REPEATED = re.compile(r"^(?:Code: (\d+)\. DB::Exception: )(?=Code: \1\. )")
_VERSION = re.compile(r" \(version [\d.]+\)\.? ?\([A-Z_]+\)$")

_BAD_REQUEST = {6, 26, 27, 36, 38, 41, 53, 62, 72, 117, 130, 457}
_NOT_FOUND = {46, 47, 50, 56, 60, 73, 81, 115}
_FORBIDDEN = {192, 193, 497, 516}

NAMES = {
    48: "NOT_IMPLEMENTED",
    62: "SYNTAX_ERROR",
    164: "READONLY",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    36: "BAD_ARGUMENTS",
    115: "UNKNOWN_SETTING",
    270: "HTTP_LENGTH_REQUIRED",
    298: "QUERY_IS_TOO_LARGE",
    373: "SESSION_IS_LOCKED",
    516: "AUTHENTICATION_FAILED",
    1002: "UNKNOWN_EXCEPTION",
}


class Failure(Exception):
    """A refused or failed query: `code` as in ClickHouse's system.errors, and the text for the client."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text if _ENGINE_TEXT.match(text) else f"Code: {code}. DB::Exception: {text}. ({NAMES[code]})"
        super().__init__(self.text)

    @property
    def status(self) -> int:
        """The HTTP status."""
        if self.code in _BAD_REQUEST:
            return 400
        if self.code in _FORBIDDEN:
            return 403
        if self.code in _NOT_FOUND:
            return 404
        return {270: 411, 298: 413, 48: 501}.get(self.code, 500)

    @classmethod
    def of_engine(cls, error: RuntimeError) -> Failure:
        """The engine's error, told once: chDB wraps an error in itself."""
        text = str(error)
        found = _ENGINE_TEXT.search(text)
        if found is None:
            return cls(1002, text)
        text = text[found.start() :]
        while _REPEATED.match(text):
            text = _VERSION.sub("", _REPEATED.sub("", text))
        return cls(int(found.group(1)), text)
