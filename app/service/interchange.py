"""Import and export of semantic layers: files in, files and a report out."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.compile.interchange.catalog import Catalog
from app.compile.interchange.cube.reader import read_cube
from app.compile.interchange.cube.writer import write_cube
from app.compile.interchange.drafting import Drafting
from app.compile.interchange.exporting import Exporting
from app.compile.interchange.findings import Finding, Kind
from app.compile.interchange.lightdash.reader import read_lightdash
from app.compile.interchange.lightdash.writer import write_lightdash
from app.compile.interchange.osi.reader import read_osi
from app.compile.interchange.osi.writer import write_osi
from app.compile.interchange.superset.reader import read_superset
from app.compile.interchange.tree import read_documents, unreadable
from app.errors import Where
from app.model.ontology import Layer

_MOST_BYTES = 64 * 2**20
"""What the members of an archive may have together, unpacked."""
_MOST_MEMBERS = 20_000


class Format(StrEnum):
    """The formats of others."""

    OSI = "osi"
    CUBE = "cube"
    LIGHTDASH = "lightdash"
    SUPERSET = "superset"


@dataclass(frozen=True, slots=True)
class Converted:
    """What came of an import or export: texts by file name, all of them as one text where that is one document, and the report."""

    files: Mapping[str, str]
    text: str
    findings: tuple[Finding, ...]

    @property
    def lossless(self) -> bool:
        """Whether nothing was lost, and nothing means something else."""
        return not any(finding.kind in (Kind.LOST, Kind.CHANGED) for finding in self.findings)

    def report_text(self) -> str:
        """The report for people: a line for each item, with its place, and what came of all."""
        lines = [str(finding.problem()) for finding in self.findings]
        return "\n".join([*lines, self._summary()]) + "\n"

    def report_json(self) -> str:
        """The report for programs: one JSON object with `items` and how many there are of each kind."""
        items = [
            {
                "code": finding.code,
                "kind": finding.kind.value,
                "item": finding.subject,
                "reason": finding.reason,
                "lost": finding.lost,
                "hint": finding.hint,
                "place": None
                if finding.where is None
                else {"file": finding.where.file, "line": finding.where.line, "column": finding.where.column},
            }
            for finding in self.findings
        ]
        counts = {kind.value: sum(finding.kind is kind for finding in self.findings) for kind in Kind}
        return json.dumps({"files": list(self.files), "counts": counts, "items": items}, indent=2, ensure_ascii=False) + "\n"

    def _summary(self) -> str:
        counts = [f"{number} {kind}" for kind in Kind if (number := sum(finding.kind is kind for finding in self.findings))]
        return f"{len(self.files)} file{'s' if len(self.files) != 1 else ''}; " + (
            ", ".join(counts) if counts else "everything carried over"
        )


def export_layer(layer: Layer, to: Format, *, extended: bool = True) -> Converted:
    """Write a layer in a format. `extended`: with our own words in its extension slot, so that importing it loses nothing."""
    export = Exporting(layer, _NAMES[to], extended)
    files = _WRITERS[to](export)
    return Converted(files, "\n---\n".join(files.values()), export.findings.all())


def import_files(files: Sequence[tuple[str, bytes]], of: Format, layer: Layer | None = None) -> Converted:
    """Draft dbt YAML from files (name, content) of a format. `layer` is that of the project which takes the draft, where there is one.

    Raises UserError DM2651 where a file is none of the format.
    """
    catalog = Catalog.of(layer)
    drafting = Drafting(catalog, catalog.dialect)
    _READERS[of](drafting, files)
    drafting.finish()
    header = f"Drafted by `datamind import --from {of}` from {', '.join(name for name, _ in files)}: read it before you use it."
    return Converted(drafting.files(header), drafting.text(header), drafting.findings.all())


def _texts(files: Sequence[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """The files as texts. Raises UserError DM2651."""
    found = []
    for name, content in files:
        try:
            found.append((name, content.decode("utf-8-sig")))
        except UnicodeDecodeError:
            raise unreadable("it is no text in UTF-8", Where(name)) from None
    return found


def _unpacked(files: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The files, with the YAML of archives in their place. Raises UserError DM2651 for an archive that is damaged or too large."""
    found: list[tuple[str, bytes]] = []
    for name, content in files:
        if not zipfile.is_zipfile(io.BytesIO(content)):
            found.append((name, content))
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = [m for m in archive.infolist() if m.filename.endswith((".yaml", ".yml", ".json"))]
                if sum(member.file_size for member in members) > _MOST_BYTES or len(members) > _MOST_MEMBERS:
                    raise unreadable("the archive is too large", Where(name))
                if not members:
                    raise unreadable("the archive holds no YAML", Where(name))
                found += [(f"{name}/{member.filename}", _member(archive, member)) for member in members]
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise unreadable(f"the archive is damaged: {error}", Where(name)) from None
    return found


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a member, of which no more is read than it says it has."""
    with archive.open(member) as stream:
        return stream.read(member.file_size + 1)[: member.file_size]


def _read_osi(drafting: Drafting, files: Sequence[tuple[str, bytes]]) -> None:
    for name, text in _texts(files):
        read_osi(drafting, read_documents(text, name))


_NAMES = {Format.OSI: "OSI", Format.CUBE: "Cube", Format.LIGHTDASH: "Lightdash"}
_WRITERS: Mapping[Format, Callable[[Exporting], dict[str, str]]] = {
    Format.OSI: write_osi,
    Format.CUBE: write_cube,
    Format.LIGHTDASH: write_lightdash,
}
_READERS: Mapping[Format, Callable[[Drafting, Sequence[tuple[str, bytes]]], None]] = {
    Format.OSI: _read_osi,
    Format.SUPERSET: lambda drafting, files: read_superset(drafting, _texts(_unpacked(files))),
    Format.LIGHTDASH: lambda drafting, files: read_lightdash(drafting, _texts(files)),
    Format.CUBE: lambda drafting, files: read_cube(drafting, _texts(files)),
}
