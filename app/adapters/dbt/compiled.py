"""The SQL texts that dbt wrote into `target/compiled`, for models of which the manifest holds none: after `dbt parse`, say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

_MAX_BYTES = 8 << 20


class CompiledFiles(Mapping[str, str]):
    """The texts below `<target path>/compiled` by package and path (`shop/models/orders.sql`), each read when it is asked for.

    A text that is older than the model's own file was compiled from something else, and is not given.
    """

    def __init__(self, folder: Path, project_dir: Path) -> None:
        self._folder = folder / "compiled"
        self._project_dir = project_dir

    def __getitem__(self, key: str) -> str:
        path = self._folder / key
        try:
            found = path.stat()
            if ".." in Path(key).parts or found.st_size > _MAX_BYTES or self._is_stale(key, found.st_mtime):
                raise KeyError(key)
            return path.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            raise KeyError(key) from error

    def __iter__(self) -> Iterator[str]:
        paths = sorted(path for path in self._folder.rglob("*.sql") if path.is_file()) if self._folder.is_dir() else []
        return iter(path.relative_to(self._folder).as_posix() for path in paths)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _is_stale(self, key: str, compiled: float) -> bool:
        package, _, path = key.partition("/")
        for source in (self._project_dir / path, self._project_dir / "dbt_packages" / package / path):
            try:
                if source.stat().st_mtime > compiled:
                    return True
            except OSError:
                continue
        return False
