"""A synonym put into YAML as it is written."""

from __future__ import annotations

import pytest

from app.compile.synonym_edit import with_synonym
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
