"""Packages that an installation may lack."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from app.errors import Problem, UserError


def files_of(package: str, extra: str, *, module: str = "") -> tuple[Path, str]:
    """The package's folder and version; it is not imported. Raises UserError DM8053 where it is not installed."""
    try:
        spec, found = find_spec(module or package), version(package)
    except (ImportError, PackageNotFoundError):
        spec, found = None, ""
    if spec is None or spec.origin is None:
        raise missing(package, extra)
    return Path(spec.origin).parent, found


def missing(package: str, extra: str) -> UserError:
    """DM8053: retrieval needs a package that this installation lacks."""
    return UserError(Problem("DM8053", f"the package {package} is not installed", hint=f"install datamind[{extra}]"))
