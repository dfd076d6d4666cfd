"""YAML is read, or is said to be none with its place: nothing else comes out."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.compile.yaml_load import NotYaml, compose_yaml, load_yaml


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1", (1, 6)),
        ("a: 1\n---\nb: 2", (2, 1)),
        ("a: b: c", (1, 5)),
        ("{a: 1, a: 2}", (1, 8)),
        ("a: !!python/object:os.system {}", (1, 4)),
        ("a: 2020-13-45", (0, 0)),
        ("!!bool maybe", (0, 0)),
        ("!!int z", (0, 0)),
        ("[" * 1000, (0, 0)),
        ("\x00", (0, 0)),
        ("password: hunter2\npassword: hunter2", (2, 1)),
        ("password: !!int hunter2", (0, 0)),
        ("password: !!timestamp hunter2", (1, 11)),
    ],
)
def test_what_is_no_yaml_has_a_reason_and_a_place_and_tells_no_value(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(NotYaml) as raised:
        load_yaml(text)
    assert raised.value.reason.strip()
    assert "hunter2" not in raised.value.reason
    assert (raised.value.line, raised.value.column) == place


def test_values_and_documents() -> None:
    assert load_yaml("a: [1, yes, null]\nb: {c: 'd'}") == {"a": [1, "yes", None], "b": {"c": "d"}}
    assert load_yaml("") is None
    assert [node.start_mark.line for node in compose_yaml("a: 1\n---\nb: 2") if node is not None] == [0, 2]


@example("[&a ,&a ]")
@given(st.text(alphabet=st.sampled_from("abz01.:-+{}[]!&*|>?#%@'\"\\ \n\t,<=")))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (load_yaml, compose_yaml):
        try:
            read(text)
        except NotYaml as error:
            assert error.reason.strip()  # noqa: PT017 — either outcome is right, a reason is owed
