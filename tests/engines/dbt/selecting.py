"""A project made for selections, and what real dbt says of it: run as a script, it answers `dbt ls` for many selections in one process."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]

PACKAGE = {
    "packages.yml": "packages:\n  - local: ../tools\n",
    "../tools/dbt_project.yml": "name: tools\nversion: '1.0'\nmodel-paths: [models]\n",
    "../tools/models/marts/tool_days.sql": "{{ config(tags=['tooling', 'nightly']) }} select 1 as day_id",
    "../tools/models/only_here/tool_hours.sql": "select * from {{ ref('tool_days') }}",
    "../tools/models/sources.yml": "sources:\n  - name: shop\n    schema: other\n    tables: [{name: customers}]\n",
}
MORE = {
    "models/extra/daily_orders.sql": (
        "{{ config(tags=['nightly', 'finance'], materialized='view', meta={'owner': 'ana', 'size': 3}, grants={'select': ['bi', 'ops']}) }}"
        " select * from {{ ref('fct_orders') }}"
    ),
    "models/extra/deep/daily_lines.sql": "{{ config(tags=['Nightly']) }} select * from {{ ref('daily_orders') }} join {{ ref('tool_days') }} on true",
    "models/extra/prices_v1.sql": "select 1 as price",
    "models/extra/prices_v2.sql": "select 2 as price",
    "models/extra/prices_v3.sql": "select 3 as price",
    "models/extra/extra.yml": """\
models:
  - name: daily_orders
    description: Orders, once more.
    columns: [{name: order_id, data_tests: [unique, {not_null: {config: {severity: WARN}}}]}]
  - name: prices
    latest_version: 2
    config: {contract: {enforced: true}}
    columns: [{name: price, data_type: integer}]
    versions: [{v: 1}, {v: 2}, {v: 3}]
exposures:
  - name: nightly_mail
    type: notebook
    config: {tags: [nightly]}
    owner: {email: ana@example.com}
    depends_on: [ref('daily_lines'), metric('revenue')]
saved_queries:
  - name: tagged_query
    config: {tags: [finance]}
    query_params: {metrics: [orders], group_by: ["TimeDimension('metric_time', 'month')"]}
""",
    "selectors.yml": """\
selectors:
  - name: short
    definition: "2+tag:nightly+"
  - name: nightly
    definition:
      union:
        - tag: nightly
        - method: path
          value: models/extra
          children: true
          children_depth: 1
        - exclude:
            - method: fqn
              value: prices
            - "exposure:nightly_mail"
  - name: both
    default: true
    definition:
      intersection:
        - method: tag
          value: nightly
          childrens_parents: true
        - method: resource_type
          value: model
        - union: [package:this, {method: package, value: tools}]
  - name: built_on
    definition:
      union:
        - method: selector
          value: short
        - {method: config.materialized, value: view}
  - name: left_out
    definition:
      method: tag
      value: nightly
      parents: true
      exclude:
        - {method: source, value: shop}
  - name: switched
    definition: {method: config.contract.enforced, value: true}
""",
}


def write(project: Path, files: dict[str, str]) -> None:
    """Put the files into the project."""
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def made(folder: Path) -> Path:
    """The demo project with more in it."""
    project = folder / "dbt_project"
    shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs", ".user.yml"))
    write(project, PACKAGE)
    write(project, MORE)
    return project


def asked(project: Path, questions: list[list[str]], *, state: Path | None = None) -> list[list[str] | None]:
    """What `dbt ls` answers to each list of arguments: unique ids, None where dbt refuses. `project/target` then holds the manifest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    request = json.dumps({"project": str(project), "questions": questions, "state": str(state) if state else None})
    done = subprocess.run([sys.executable, __file__], input=request, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answers: list[list[str] | None] = json.loads(done.stdout.splitlines()[-1])
    return answers


def answer() -> None:
    """Read a request from standard input; write the answers as the last line."""
    from dbt.cli.main import dbtRunner

    given = json.loads(sys.stdin.read())
    project = given["project"]
    common = ["--project-dir", project, "--profiles-dir", project, "--target", "postgres"]
    os.environ["DBT_LOG_PATH"] = f"{project}/logs"
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.chdir(project)

    def run(manifest: Any, *arguments: str) -> Any:
        with contextlib.redirect_stdout(io.StringIO()):
            done = dbtRunner(manifest=manifest).invoke(["--quiet", *arguments, *common])
        return done.result if done.success else None

    run(None, "deps")
    manifest = run(None, "parse", "--no-partial-parse")
    assert manifest is not None, "dbt could not parse the project"
    state = ["--state", given["state"]] if given["state"] else []
    answers = []
    for question in given["questions"]:
        lines = run(manifest, "ls", "--output", "json", "--output-keys", "unique_id", *state, *question)
        answers.append(None if lines is None else [json.loads(line)["unique_id"] for line in lines])
    sys.stdout.write("\n" + json.dumps(answers) + "\n")


if __name__ == "__main__":
    answer()
