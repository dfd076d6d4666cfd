"""dbt builds a small project on both embedded warehouses: seed, view, table, incremental, snapshot, tests and docs, twice over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack

FILES = {
    "dbt_project.yml": "name: small\nversion: '1.0.0'\nprofile: small\nseeds: {small: {raw: {+column_types: {amount: 'Decimal(18, 2)'}}}}\n",
    "seeds/raw.csv": 'id,name,amount\n1,Žofie,10.50\n2,it\'s; "quoted",0.01\n3,,99.99\n',
    "models/v.sql": "select id, name, amount from {{ ref('raw') }}",
    "models/t.sql": "{{ config(materialized='table') }} select * from {{ ref('v') }} where id > 0",
    "models/i.sql": """{{ config(materialized='incremental', unique_key='id') }}
        select id, amount from {{ ref('t') }} {% if is_incremental() %} where id >= (select max(id) from {{ this }}) {% endif %}""",
    "snapshots/s.sql": """{% snapshot s %}{{ config(target_schema=target.schema, unique_key='id', strategy='check', check_cols=['amount']) }}
        select * from {{ ref('t') }}{% endsnapshot %}""",
    "models/schema.yml": """version: 2
models:
  - name: i
    description: Grows.
    columns:
      - {name: id, description: The key., data_tests: [unique, not_null]}
""",
}
RUN = """
import json, sys
from dbt.cli.main import dbtRunner
common = ["--project-dir", sys.argv[1], "--profiles-dir", sys.argv[1], "--target", sys.argv[2], "--target-path", sys.argv[3], "--quiet"]
runner = dbtRunner()
for command in (["build"], ["build"], ["docs", "generate"]):
    result = runner.invoke([*command, *common])
    if not result.success:
        print(json.dumps([str(result.exception)] + [[r.node.name, r.message] for r in (result.result or [])]))
        sys.exit(1)
"""


def profile(part: Part, url: str) -> dict[str, Any]:
    place = urlsplit(url)
    common = {
        "host": place.hostname,
        "port": place.port,
        "user": place.username,
        "password": place.password,
        "schema": "small",
        "threads": 4,
    }
    if part is Part.POSTGRES:
        return {**common, "type": "postgres", "dbname": place.path[1:]}
    return {**common, "type": "clickhouse"}


@pytest.mark.parametrize("part", [Part.POSTGRES, Part.CLICKHOUSE])
def test_build_twice_and_document(stack: Stack, part: Part, tmp_path: Path, clickhouse: Callable[..., Any]) -> None:
    for name, text in FILES.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    target = profile(part, stack.owner_urls[part])
    (tmp_path / "profiles.yml").write_text(json.dumps({"small": {"target": str(part), "outputs": {str(part): target}}}))
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path), str(part), str(tmp_path / "target")],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]

    catalog = json.loads((tmp_path / "target" / "catalog.json").read_text())
    assert {node.rpartition(".")[2] for node in catalog["nodes"]} == {"raw", "v", "t", "i", "s"}
    sql = "SELECT sum(amount), count(*) FROM small.i"
    if part is Part.POSTGRES:
        with psycopg.connect(stack.urls[part]) as reader:
            row = reader.execute(sql).fetchone()
    else:
        client = clickhouse(stack.urls[part])
        row = client.query(sql).result_rows[0]
        client.close()
    assert row is not None
    assert (str(row[0]), row[1]) == ("110.50", 3)
