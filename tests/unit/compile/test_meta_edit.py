"""A synonym or a segment put into YAML as it is written."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.meta_edit import with_segment, with_synonym
from app.compile.yaml_load import load_yaml

FORMS = [
    "metrics:\n  - name: a\n    # why\n    config:\n      meta:\n        datamind:\n          unit: EUR\n          synonyms: [x, 'y z']\n  - name: b\n",
    "metrics:\n  - name: a\n    config: {meta: {datamind: {synonyms: []}}}\n  - name: b\n",
    "metrics:\n  - name: a\n    config:\n      meta: {datamind: {unit: EUR}}\n",
    "metrics:\n  - name: a\n    config:\n      meta:\n        datamind:\n          synonyms:\n            - x   # said by all\n            - y\n",
    "metrics:\n  - name: a\n    label: A\n  - name: b\n",
    "metrics:\n  - name: a\n  - name: b\n",
    "metrics:\n  - {name: a, label: A}\n",
    "metrics:\n  - name: a\n    config:\n      group: g\n",
]


@pytest.mark.parametrize("text", FORMS)
def test_it_is_there_and_nothing_else_has_changed(text: str) -> None:
    changed = with_synonym(text, 2, "big: board")
    assert changed is not None
    before, after = load_yaml(text), load_yaml(changed)
    found = after["metrics"][0]["config"]["meta"]["datamind"]["synonyms"]
    assert "big: board" in found
    known = before["metrics"][0].setdefault("config", {}).setdefault("meta", {}).setdefault("datamind", {}).setdefault("synonyms", [])
    known[:] = found
    assert sorted(map(str, before["metrics"][0].items())) == sorted(map(str, after["metrics"][0].items())) or before == after
    assert before["metrics"][1:] == after["metrics"][1:]
    assert [line for line in text.splitlines() if "#" in line and line not in changed] == []
    assert with_synonym(changed, 2, "big: board") is None


def test_what_is_no_item_is_left() -> None:
    assert with_synonym("metrics: [", 1, "x") is None
    assert with_synonym("metrics:\n  - name: a\n", 9, "x") is None


@pytest.mark.parametrize(
    "text",
    [
        "metrics:\n  - name: a\n    config: {meta: {datamind: {synonyms: [y, ]}}}\n",
        "x: &shared {meta: {datamind: {synonyms: [y]}}}\nmetrics:\n  - name: a\n    config: *shared\n",
        "metrics:\n  - name: a\n    config:\n      meta:\n        datamind:\n          synonyms: [y,\n            z  # old\n          ]\n",
        "metrics:\n  - name: b\n    description: &d of both\n  - name: a\n    description: *d\n",
        "x: &shared [y]\nmetrics:\n  - name: a\n    config: {meta: {datamind: {synonyms: *shared}}}\n",
    ],
)
def test_what_would_break_or_change_others_is_left(text: str) -> None:
    line = next(at for at, written in enumerate(text.splitlines(), 1) if "name: a" in written)
    assert with_synonym(text, line, "x") is None


MODELS = [
    "semantic_models:\n  - name: a\n    model: ref('x')\n    entities: []\n  - name: b\n    model: ref('y')\n",
    "semantic_models:\n  - name: a\n    model: ref('x')\n    config:\n      # why\n      group: g\n",
    "semantic_models:\n  - name: a\n    model: ref('x')\n    config:\n      meta:\n        datamind:\n          hierarchies: []\n",
    "semantic_models:\n  - name: a\n    model: ref('x')\n    config: {meta: {datamind: {segments: []}}}\n",
    "semantic_models:\n  - name: a\n    model: ref('x')\n    config:\n      meta:\n        datamind:\n          segments:\n"
    "            - name: known   # of old\n              where: a__b = 'c'\n          hierarchies: []\n",
    "semantic_models:\n  - {name: a, model: ref('x')}\n",
]
SEGMENT = {"name": "vip", "label": 'The "VIP"s: ours', "where": ["a__b in ('x: y', 'z')", "a__c = '#1'"]}


@pytest.mark.parametrize("text", MODELS)
def test_a_segment_is_there_and_nothing_else_has_changed(text: str) -> None:
    changed = with_segment(text, 2, "vip", SEGMENT["label"], tuple(SEGMENT["where"]))
    assert changed is not None
    before, after = load_yaml(text), load_yaml(changed)
    held = after["semantic_models"][0]["config"]["meta"]["datamind"]["segments"]
    assert SEGMENT in held
    held.remove(SEGMENT)
    assert without_nothing(before) == without_nothing(after)
    assert [line for line in text.splitlines() if "#" in line and line not in changed] == []
    assert with_segment(changed, 2, "vip", "again", ["a__b = 'x'"]) is None


def without_nothing(value: Any) -> Any:
    """The value without what is empty, all the way down: the keys on the way to a list that was taken out again."""
    if isinstance(value, dict):
        kept = {key: without_nothing(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in ({}, [])}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def test_one_condition_is_a_text() -> None:
    changed = with_segment(MODELS[0], 2, "vip", "VIP", ["a__b = 'x'"])
    assert changed is not None
    segment = load_yaml(changed)["semantic_models"][0]["config"]["meta"]["datamind"]["segments"][0]
    assert segment == {"name": "vip", "label": "VIP", "where": "a__b = 'x'"}


def test_a_model_that_stands_for_its_semantic_model_is_left() -> None:
    assert with_segment("models:\n  - name: a\n    semantic_model: true\n", 2, "vip", "VIP", ["a__b = 'x'"]) is None


def added(before: str, after: str | None) -> list[str]:
    assert after is not None
    return [line for line in after.splitlines() if line not in before.splitlines()]


def test_a_synonym_is_written_as_its_neighbours_are() -> None:
    form = "metrics:\n  - name: a\n    config: {meta: {datamind: {synonyms: %s}}}\n"
    for known, written in (
        ("[x, y z]", "[x, y z, takings]"),
        ('["x"]', '["x", "takings"]'),
        ("['x']", "['x', 'takings']"),
        ("[]", "[takings]"),
        ("[ x ]", "[ x, takings ]"),
    ):
        text = form % known
        assert added(text, with_synonym(text, 2, "takings")) == [f"    config: {{meta: {{datamind: {{synonyms: {written}}}}}}}"]


@pytest.mark.parametrize(
    "word", ["no", "Yes", "null", "2026", "1e3", "a, b", "a: b", "#x", "x #y", "[x]", "'x", "@x", "- x", "x:", "{x", "~"]
)
def test_what_yaml_would_take_for_something_else_is_quoted(word: str) -> None:
    text = "metrics:\n  - name: a\n    config: {meta: {datamind: {synonyms: [y]}}}\n"
    changed = with_synonym(text, 2, word)
    assert changed is not None
    assert f'[y, "{word}"]' in changed
    assert load_yaml(changed)["metrics"][0]["config"]["meta"]["datamind"]["synonyms"] == ["y", word]


def test_keys_that_lack_are_written_one_below_the_other() -> None:
    text = "metrics:\n  - name: a\n    label: A\n    description: |\n      What it\n      is.\n\n    type: simple\n  - name: b\n"
    lines = ["    config:", "      meta:", "        datamind:", "          synonyms: [takings]"]
    changed = with_synonym(text, 2, "takings")
    assert added(text, changed) == lines
    assert changed is not None
    assert changed.splitlines()[4:11] == ["      What it", "      is.", *lines, ""]


def test_braces_on_a_line_of_their_own_are_unfolded_for_more() -> None:
    text = "semantic_models:\n  - name: a\n    model: ref('x')\n    config: {group: sales, tags: [x, y]}\n    defaults: {}\n"
    assert with_segment(text, 2, "walk_in", "Walk-in", ["a__b = 'store'"]) == (
        "semantic_models:\n  - name: a\n    model: ref('x')\n    config:\n      group: sales\n      tags: [x, y]\n      meta:\n        datamind:\n"
        "          segments:\n            - name: walk_in\n              label: Walk-in\n              where: a__b = 'store'\n    defaults: {}\n"
    )


def test_a_segment_stands_behind_the_others_in_their_form() -> None:
    head = "semantic_models:\n  - name: a\n    model: ref('x')\n    config:\n      meta:\n        datamind:\n          segments:\n"
    block = f"{head}            - name: b\n              where: a__b = 'c'   # why\n\n    defaults: {{}}\n"
    lines = ["            - name: vip", "              label: VIP", "              where: a__b in ('x', 'y')"]
    changed = with_segment(block, 2, "vip", "VIP", ["a__b in ('x', 'y')"])
    assert added(block, changed) == lines
    assert changed is not None
    assert changed.splitlines()[8:13] == ["              where: a__b = 'c'   # why", *lines, ""]
    flow = f"{head}            - {{name: b, where: a__b = 'c'}}\n"
    line = "            - {name: vip, label: VIP, where: \"a__b in ('x', 'y')\"}"
    assert added(flow, with_segment(flow, 2, "vip", "VIP", ["a__b in ('x', 'y')"])) == [line]
