"""Where the characters of a YAML scalar stand, for every style: held against ruamel.yaml's own reading of the same text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from app.compile.yaml_scalar import place_in

STYLES = """\
k:
  a: plain text here
    that goes on

    after a blank # comment
  b: 'it''s
    quoted

    twice'
  c: "a\\tb \\u0041 \\
     joined \\"x\\"
     folded"
  d: |
    first
      second

    third
  e: >
    one
    two

    three
      indented
    four


    five
  f: >-
    a
    b
  g: |2
      lead
    rest
  h: &x !t |-
    anchored
  i: !!str plain
  j: [a b, "c d", 'e ''f']
  l: {m: n o, p: "q r"}
  n: ""
s:
  - |
    in a list
  - >
    folded list
    again
  - plain list
    more
  - k: v
    w: >+
      x
      y

z: end
"""


def scalars(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
        return
    for part in node.value:
        yield from scalars(part[1] if isinstance(node, MappingNode) else part)


def wrong(text: str) -> list[tuple[str, int]]:
    """The characters of values that are not found where they are written."""
    lines, found = text.splitlines(), []
    for node in scalars(YAML(typ="safe", pure=True).compose(text)):
        value = str(node.value)
        for at, char in enumerate(value):
            if not char.isalnum():
                continue
            spot = place_in(lines, node.start_mark.line + 1, node.start_mark.column + 1, value, at)
            there = lines[spot[0] - 1][spot[1] - 1] if spot else ""
            if there not in (char, "\\"):
                found.append((value, at))
    return found


def test_every_style() -> None:
    assert wrong(STYLES) == []


WORDS = st.lists(st.sampled_from(["ab", "c  d", "e'f", "g", "h: i".replace(": ", ":")]), min_size=1, max_size=6)


@given(st.lists(st.tuples(st.sampled_from(["|", ">", "|-", ">+", "'", "", "- |"]), WORDS, st.booleans()), min_size=1, max_size=5))
def test_texts_over_several_lines(entries: list[tuple[str, list[str], bool]]) -> None:
    text = ""
    for number, (style, words, blank) in enumerate(entries):
        gap = "\n\n" if blank else "\n"
        body = gap.join(f"      {word}" for word in words)
        if style == "'":
            text += f"  k{number}: '{body.strip().replace(chr(39), chr(39) * 2)}'\n"
        elif style == "":
            text += f"  k{number}: {body.strip()}\n"
        elif style == "- |":
            text += f"  k{number}:\n    - |\n{body}\n"
        else:
            text += f"  k{number}: {style}\n{body}\n"
    assert wrong(f"top:\n{text}end: of it\n") == []


@pytest.mark.parametrize("value", ["plain text her", "Plain text here", "plain text here that went on"])
def test_another_text_is_nowhere(value: str) -> None:
    assert place_in(STYLES.splitlines(), 2, 6, value, 0) == ((2, 6) if "plain text here that goes".startswith(value) else None)


def test_white_space_around_is_of_no_account() -> None:
    assert place_in(STYLES.splitlines(), 1, 1, "", 0) is None
    assert place_in(["k: '  a + b '"], 1, 4, "\n a + b", 4) == (1, 9)
    assert place_in(["k: a + b"], 1, 4, "a + b", 400) == (1, 8)
