"""A dbt project small enough to be parsed in a second."""

from __future__ import annotations

from pathlib import Path

import pytest

PROFILES = """\
tiny:
  target: postgres
  outputs:
    postgres:
      type: postgres
      host: "{{ env_var('TINY_HOST', '127.0.0.1') }}"
      port: "{{ env_var('TINY_PORT', '1') | as_number }}"
      user: me
      password: "{{ env_var('TINY_PASSWORD') }}"
      dbname: db
      schema: public
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    project = tmp_path / "a project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: tiny\nversion: '1.0'\nprofile: tiny\nmodel-paths: [models]\n")
    (project / "profiles.yml").write_text(PROFILES)
    (project / "models" / "one.sql").write_text("{{ log('I know ' ~ env_var('TINY_PASSWORD'), info=true) }} select 1 as id")
    (project / "models" / "one.yml").write_text("models:\n  - name: one\n    description: The number one.\n")
    return project
