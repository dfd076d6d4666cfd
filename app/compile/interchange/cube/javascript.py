"""The object form of Cube's JavaScript, `cube('orders', { … })`, as values with places. Only literals are read: whatever is code is refused at its place,
and nothing is ever run.

    file    = { call [";"] }                     call   = ("cube" | "view") "(" text "," object ")"
    object  = "{" [ key ":" value { "," key ":" value } [","] ] "}"
    value   = text | number | "true" | "false" | "null" | object | "[" [ value { "," value } [","] ] "]" | name { "." name }
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.compile.interchange.tree import DEEPEST, Tree, unreadable
from app.errors import UserError, Where

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/)
      | (?P<number>-?\d+(?:\.\d+)?(?![\w$]))
      | (?P<name>[A-Za-z_$][\w$]*)
      | (?P<text>'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+"|`(?:[^`\\]|\\[\s\S])*+`)
      | (?P<sign>=>|\.\.\.|[{}()\[\],:;.+*/=<>!?&|-])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_MOST_TOKENS = 500_000


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def read_javascript(text: str, file: str) -> list[tuple[str, Tree]]:
    """The calls of a file, as (`cube` or `view`, its object with a `name`). Raises UserError DM2660 with the place of the first thing that is code, and
    DM2651 where the text is no JavaScript."""
    return list(_Parser(text, file).calls())


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.tokens = self._tokens()
        self.at = 0

    def calls(self) -> Iterator[tuple[str, Tree]]:
        """Each call at the top of the file."""
        while self._now().kind != "end":
            if self._took(";"):
                continue
            head = self._now()
            if head.kind != "name" or head.text not in ("cube", "view"):
                raise self._code(head)
            self.at += 1
            self._take("(")
            name = self._value(0)
            self._take(",")
            body = self._value(0)
            self._took(",")
            self._take(")")
            if name.reference or not isinstance(name.value, str) or body.kind != "mapping":
                raise self._code(head, "a cube is written `cube('name', { … })`")
            body.entries["name"] = name
            yield head.text, body

    def _value(self, depth: int) -> Tree:
        token = self._now()
        if depth > DEEPEST:
            raise unreadable("it nests values too deep", self._where(token))
        self.at += 1
        if token.kind == "text":
            found = Tree(self._where(token), _unquoted(token.text))
        elif token.kind == "number":
            found = Tree(self._where(token), float(token.text) if "." in token.text else int(token.text))
        elif token.kind == "name" and token.text in _WORDS:
            found = Tree(self._where(token), _WORDS[token.text])
        elif token.kind == "name":
            found = self._path(token)
        elif token.text == "{":
            found = self._object(token, depth)
        elif token.text == "[":
            found = self._array(token, depth)
        else:
            raise self._code(token)
        after = self._now()
        if after.kind != "end" and after.text not in (",", "}", "]", ")", ":"):
            raise self._code(token if after.text in ("(", "=>") else after)
        return found

    def _path(self, token: _Token) -> Tree:
        """`Products.name`: a member that is named without quotes."""
        parts = [token.text]
        while self._now().text == "." and self.tokens[self.at + 1].kind == "name":
            parts.append(self.tokens[self.at + 1].text)
            self.at += 2
        return Tree(self._where(token), ".".join(parts), reference=True)

    def _object(self, start: _Token, depth: int) -> Tree:
        made = Tree(self._where(start), kind="mapping")
        while not self._took("}"):
            token = self._now()
            if token.kind not in ("name", "text", "number") or (token.kind == "text" and "${" in token.text):
                raise self._code(token)
            key = token.text if token.kind != "text" else _unquoted(token.text)
            self.at += 1
            if key in made.entries:
                raise unreadable(f"the key `{key}` is there twice", self._where(token))
            if not self._took(":"):
                raise self._code(token)
            made.entries[key] = self._value(depth + 1)
            if not self._took(",") and self._now().text != "}":
                raise self._code(self._now())
        return made

    def _array(self, start: _Token, depth: int) -> Tree:
        made = Tree(self._where(start), kind="sequence")
        while not self._took("]"):
            made.members.append(self._value(depth + 1))
            if not self._took(",") and self._now().text != "]":
                raise self._code(self._now())
        return made

    def _tokens(self) -> list[_Token]:
        found, at = list[_Token](), 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None or len(found) > _MOST_TOKENS:
                raise unreadable("it is no JavaScript that can be read", self._place(at))
            if match.lastgroup != "space":
                found.append(_Token(str(match.lastgroup), match[0], at))
            at = match.end()
        return [*found, _Token("end", "", len(self.text)), _Token("end", "", len(self.text))]

    def _now(self) -> _Token:
        return self.tokens[self.at]

    def _took(self, sign: str) -> bool:
        """Step over the next token where it is that sign."""
        if self._now().kind != "sign" or self._now().text != sign:
            return False
        self.at += 1
        return True

    def _take(self, sign: str) -> None:
        if not self._took(sign):
            raise self._code(self._now())

    def _code(self, token: _Token, why: str = "") -> UserError:
        """What is there is code, or not in its place."""
        from app.compile.interchange.templated import template_code

        shown = token.text[:30].split("\n")[0] or "the end of the file"
        problem = template_code(why or f"`{shown}` is code, or stands where a literal must").problem
        return UserError(
            type(problem)(
                problem.code, problem.message, where=self._where(token), hint="write the cube in YAML, or as an object of literals"
            )
        )

    def _where(self, token: _Token) -> Where:
        return self._place(token.at)

    def _place(self, at: int) -> Where:
        return Where(self.file, self.text.count("\n", 0, at) + 1, at - self.text.rfind("\n", 0, at))


def _unquoted(text: str) -> str:
    """A text without its quotes, escapes written out; `${…}` of a template stays as it is."""

    def escaped(found: re.Match[str]) -> str:
        held = found[1]
        if held[0] in "ux" and len(held) > 1:
            return chr(min(int(held.lstrip("ux").strip("{}"), 16), 0x10FFFF))
        return _ESCAPES.get(held, held)

    return _ESCAPE.sub(escaped, text[1:-1])


def snake_case(key: str) -> str:
    """A parameter as YAML writes it: `drillMembers` is `drill_members`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def normalised(tree: Tree) -> Tree:
    """A cube of JavaScript in the shape that YAML has: parameters in snake case, members as a list of mappings with their names."""
    made = Tree(tree.where, kind="mapping")
    for key, entry in tree.entries.items():
        name = snake_case(key)
        if name in _SECTIONS and entry.kind == "mapping":
            members = [_member(member_name, member) for member_name, member in entry.entries.items()]
            made.entries[name] = Tree(entry.where, members=members, kind="sequence")
        else:
            made.entries[name] = entry if name == "meta" else _deep(entry)
    return made


_SECTIONS = frozenset({"measures", "dimensions", "joins", "segments", "pre_aggregations", "hierarchies", "granularities"})


def _member(name: str, tree: Tree) -> Tree:
    made = normalised(tree)
    made.entries["name"] = Tree(tree.where, name)
    return made


def _deep(tree: Tree) -> Tree:
    if tree.kind == "mapping":
        return normalised(tree)
    if tree.kind == "sequence":
        return Tree(tree.where, members=[_deep(member) for member in tree.members], kind="sequence")
    return tree
