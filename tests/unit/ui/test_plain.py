"""Text of others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.plain import escaped, sentence


@given(st.text())
def test_no_punctuation_is_left_with_a_meaning(text: str) -> None:
    found = escaped(text)
    rest = iter(found)
    for character in rest:
        if character == "\\":
            assert next(rest) in r"""!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"""
        else:
            assert character.isalnum() or ord(character) > 127 or character == " " or not character.isprintable()
    assert "\n" not in found


@pytest.mark.parametrize(("text", "said"), [("nothing here", "Nothing here."), ("Why?", "Why?"), ("  ", ""), ("ünder…", "Ünder…")])
def test_sentences(text: str, said: str) -> None:
    assert sentence(text) == said
