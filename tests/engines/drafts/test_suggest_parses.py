"""dbt 1.11 parses what is suggested, and what it then says compiles without a problem."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.errors import Severity
from app.model.types import Grain
from tests.engines.drafts.conftest import Parse, suggested
from tests.support.odd_project import PROJECT


def test_the_demo_without_its_semantic_layer(bare_project: Path, parsed: Parse, tmp_path: Path) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(bare_project, project)
    suggestion = suggested(project)
    assert suggestion.spine == ""
    (project / "models" / "drafted.yml").write_text(suggestion.yaml, encoding="utf-8")
    compiled = parsed(project)
    assert [str(p) for p in compiled.problems if p.severity is not Severity.NOTE] == []
    ontology = compiled.layer.ontology
    assert {"dim_customers", "fct_orders", "fct_web_sessions"} <= {m.name for m in ontology.semantic_models}
    assert not any(model.derived for model in ontology.semantic_models)
    assert {"order_count", "order_amount", "quantity"} <= {m.name for m in ontology.metrics}


def test_a_project_without_a_time_spine(parsed: Parse, tmp_path: Path) -> None:
    for path, text in PROJECT.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    parsed(tmp_path)
    suggestion = suggested(tmp_path)
    (tmp_path / "models" / "metricflow_time_spine.sql").write_text(suggestion.spine, encoding="utf-8")
    (tmp_path / "models" / "drafted.yml").write_text(suggestion.yaml, encoding="utf-8")
    compiled = parsed(tmp_path)
    assert [str(p) for p in compiled.problems if p.severity is not Severity.NOTE] == []
    ontology = compiled.layer.ontology
    assert [(s.model, s.grain) for s in ontology.time_spines] == [("metricflow_time_spine", Grain.DAY)]
    assert {"order_count", "amount"} <= {m.name for m in ontology.metrics}
    assert not {"account_balance", "mystery", "total"} & {m.name for m in ontology.metrics}
