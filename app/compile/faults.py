"""Parts of an artifact that could not be read, said at their lines."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.parts import Fault
from app.compile.naming import project_file
from app.compile.report import Place, Report


def report_faults(faults: Iterable[Fault], artifact: str, root: str, report: Report) -> None:
    """Report DM2009 for each."""
    for fault in faults:
        place = Place(f"{fault.kind}.{fault.name}", project_file(fault.file, fault.package, root) or artifact)
        what = fault.kind.replace("_", " ")
        at = f" at `{fault.path}`" if fault.path else ""
        report.error(
            "DM2009",
            f"{what} `{fault.name}` is left out: {artifact} does not have the shape that dbt gives it{at}: {fault.message}",
            place.at(fault.path) if fault.path else place,
            "run `dbt parse` again with dbt 1.6 or later",
        )
