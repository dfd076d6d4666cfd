"""The demo without its semantic layer, over the same warehouses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.service.deps import Deps
from app.settings import load_settings
from app.wiring.deps import opened
from tests.support.bare import stripped
from tests.support.demo import TODAY, Demo


@pytest.fixture(scope="session")
def bare(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deps]:
    """What is served of it."""
    folder = stripped(demo.settings.dbt_project_path, tmp_path_factory.mktemp("bare") / "dbt_project")
    settings = load_settings(data_dir=demo.settings.data_dir, dbt_project_path=folder, today=TODAY)
    with opened(settings, demo.servers, local_layer=True) as deps:
        yield deps
