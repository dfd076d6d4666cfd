"""What a redaction may look for: what both engines read alike."""

from __future__ import annotations

import pytest

from app.compile.policies.patterns import unportable
from tests.support.pace import paces

PORTABLE = [
    "[^ ]+@[^ ]+",
    "[0-9]+",
    r"\d{3}-\d{2}-\d{4}",
    r"[\w.+-]+@[\w-]+\.[a-z]{2,}",
    r"(?:DE|AT)\d{2}( ?\d{4}){4}",
    r"^(foobar|foo)$",
    "[]x]",
    "[^]x]",
    "[[:alpha:]_]+[[:digit:]]*",
    r"\[[^\]\\]*\]",
    r"\$\{[A-Z]+\}",
    "a{255}",
    r"\D\W\S",
    "é+",
]
ODD = [
    (r"\bana\b", r"\ba"),
    (r"x\B", r"\B"),
    (r"\yana", r"\ya"),
    (r"\mana", r"\ma"),
    (r"ana\M", r"\M"),
    (r"\Aana", r"\Aa"),
    (r"ana\Z", r"\Z"),
    (r"\x41", r"\x4"),
    (r"\n", r"\n"),
    (r"\pL", r"\pL"),
    (r"(a)\1", r"\1"),
    (r"\€", r"\€"),
    (r"\_", r"\_"),
    ("a(?=b)", "(?="),
    ("a(?!b)", "(?!"),
    ("(?<=a)b", "(?<"),
    ("(?<!a)b", "(?<"),
    ("(?i)ana", "(?i"),
    ("(?i:ana)", "(?i"),
    ("(?P<n>a)", "(?P"),
    ("(?#note)a", "(?#"),
    ("a+?", "+?"),
    ("a*?b", "*?b"),
    ("a??", "??"),
    ("a{2}?", "{2}"),
    ("a++", "++"),
    ("a{256}", "{256}"),
    ("a{1,256}", "{1,256}"[:7]),
    ("a{,3}", "{,3"),
    ("a{x", "{x"),
    ("a}", "}"),
    ("]", "]"),
    (r"[\W]", r"[\W"),
    (r"[^\D]", r"[^\\"[:3]),
    (r"[\b]", r"[\b"),
    ("[[.x.]]", "[[."),
    ("[[=x=]]", "[[="),
    ("[[:word:]]", "[[:"),
    ("[a[b]", "[a["),
]


@pytest.mark.parametrize("pattern", PORTABLE)
def test_what_both_engines_read_alike(pattern: str) -> None:
    assert unportable(pattern) == ""


@pytest.mark.parametrize(("pattern", "odd"), ODD)
def test_what_one_engine_reads_otherwise(pattern: str, odd: str) -> None:
    assert unportable(pattern) == odd


@pytest.mark.parametrize("unit", ["[a", "[", "[]", r"[\d", r"\\", "(", "a{1", "{1,2}", "[[:alpha:]", "*", "a|", "é", "[^"])
def test_no_text_takes_long(unit: str) -> None:
    """Of a text of two hundred thousand characters; what stands in a store was held against no bound."""
    assert paces(lambda: unportable(unit * (200_000 // len(unit))), 40) <= 40
