"""A dbt project in a git repository of its own, with a branch that is to be checked: real git, and real dbt parses it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROFILES = """\
shop:
  target: ci
  outputs:
    ci: {type: postgres, host: localhost, port: 1, user: nobody, password: none, dbname: none, schema: shop, threads: 1}
"""
PROJECT = """\
name: shop
version: "1.0"
profile: shop
model-paths: [models]
flags: {send_anonymous_usage_stats: false}
"""
MODELS = """\
models:
  - name: orders
    description: One row an order.
    config:
      meta:
        datamind:
          version: 1
          row_filters:
            - {name: own_region, filter: region = user.region, roles: [viewer]}
    columns:
      - {name: id, data_type: integer}
      - {name: region, data_type: text}
      - {name: status, data_type: text}
      - {name: amount, data_type: "numeric(12,2)"}
      - {name: ordered_at, data_type: date}
  - name: days
    time_spine: {standard_granularity_column: day}
    columns:
      - {name: day, data_type: date, granularity: day}
"""
SEMANTICS = """\
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: status, type: categorical}
    measures:
      - {name: amount, agg: sum}
      - {name: order_count, agg: count, expr: id}
"""
METRICS = """\
metrics:
  - name: revenue
    label: Revenue
    description: What customers paid.
    type: simple
    type_params: {measure: amount}

  - name: orders
    label: Orders
    description: How many orders there are.
    type: simple
    type_params: {measure: order_count}

  - name: order_value
    label: Order value
    description: What an order is worth.
    type: ratio
    type_params: {numerator: revenue, denominator: orders}

  - name: cancelled_orders
    label: Cancelled orders
    description: Orders that were taken back.
    type: simple
    type_params: {measure: order_count}
    filter: "{{ Dimension('order__status') }} = 'cancelled'"

saved_queries:
  - name: weekly
    description: The week's numbers.
    query_params:
      metrics: [revenue, orders]
      group_by: ["TimeDimension('metric_time', 'week')"]

exposures:
  - name: board
    type: dashboard
    owner: {name: Sales, email: sales@example.com}
    depends_on: ["ref('orders')", "metric('order_value')"]
"""
FILES = {
    "dbt_project.yml": PROJECT,
    "profiles.yml": PROFILES,
    "models/orders.sql": "select 1 as id, 'EU' as region, 'paid' as status, 9.5 as amount, current_date as ordered_at\n",
    "models/days.sql": "select current_date as day\n",
    "models/models.yml": MODELS,
    "models/semantic.yml": SEMANTICS,
    "models/metrics.yml": METRICS,
    ".gitignore": "target/\nlogs/\n",
}
ADDED = """\
  - name: paid_orders
    label: Paid orders
    description: Orders that were paid.
    type: simple
    type_params: {measure: order_count}
    filter: "{{ Dimension('order__status') }} = 'paid'"

"""
GIT = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}
WHEN = {"GIT_AUTHOR_DATE": "2026-01-05T10:00:00Z", "GIT_COMMITTER_DATE": "2026-01-05T10:00:00Z"}
"""Commits of equal files have equal hashes on every day."""


@dataclass(frozen=True)
class Clone:
    """A repository at `root`, with the project in a folder of it."""

    root: Path
    folder: str = ""

    @property
    def project(self) -> Path:
        """Where dbt_project.yml is."""
        return self.root / self.folder

    def git(self, *words: str) -> str:
        """Run git there."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | GIT | WHEN
        return subprocess.run(["git", *words], cwd=self.root, env=env, check=True, capture_output=True, text=True).stdout

    def write(self, file: str, text: str) -> None:
        """Write a file of the project."""
        path = self.project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        """Put `new` in place of `old`, which is there."""
        text = (self.project / file).read_text(encoding="utf-8")
        assert old in text, old
        self.write(file, text.replace(old, new))

    def commit(self, message: str) -> str:
        """Commit all that changed; its hash."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def state(self) -> tuple[str, ...]:
        """All that a check must leave as it is: the working tree, the index, the refs, and the files of git itself."""
        own = sorted(f"{path.relative_to(self.root)} {path.stat().st_size}" for path in (self.root / ".git").rglob("*"))
        return (self.git("status", "--short", "--ignored"), self.git("ls-files", "--stage"), self.git("show-ref"), *own)


def clone(root: Path, folder: str = "", files: dict[str, str] | None = None) -> Clone:
    """A repository whose branch `main` has the project, with the branch `change` checked out."""
    root.mkdir(parents=True)
    found = Clone(root, folder)
    found.git("init", "--quiet", "--initial-branch", "main")
    for file, text in (FILES if files is None else files).items():
        found.write(file, text)
    found.commit("The shop")
    found.git("checkout", "--quiet", "-b", "change")
    return found


def change(found: Clone) -> Clone:
    """What the pull request does: revenue leaves out what was cancelled, a metric goes, one comes, and viewers see more."""
    found.edit(
        "models/semantic.yml",
        "{name: amount, agg: sum}",
        "{name: amount, agg: sum, expr: \"case when status = 'cancelled' then 0 else amount end\"}",
    )
    text = METRICS[METRICS.index("  - name: cancelled_orders") : METRICS.index("saved_queries:")]
    found.edit("models/metrics.yml", text, ADDED)
    found.edit("models/models.yml", "filter: region = user.region", "filter: \"region = user.region or region = 'EU'\"")
    return found
