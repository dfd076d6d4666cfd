"""Layers and their publications in the store (`app.ports.Layers`)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store import problems
from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.adapters.store.tables import candidates, codes, documents, publications, reports
from app.model.ontology import Layer
from app.model.versions import CandidateState, Publication
from app.ports import Health, Kept

CODES = 20
"""Of how many publications the models' code is kept: it is compared with the next one's, and between versions that are looked back to."""


class StoredLayers:
    """Layer documents by content hash, and the events that made each the current one of its project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, project_id: str, layer: Layer, code: bytes = b"") -> Kept:
        """Store the layer and its code under their hashes. Until a publication points at them they are nobody's."""
        document = layer.canonical()
        kept = Kept(layer.ontology.fingerprint(), _hash(document), _hash(code) if code else "")
        with self._database.transaction() as connection:
            named = insert(documents).values(project_id=project_id, document_hash=kept.document_hash, document=document)
            healed = {"document": named.excluded.document}
            connection.execute(  # what was damaged where it lay is whole again
                named.on_conflict_do_update(
                    constraint=documents.primary_key, set_=healed, where=documents.c.document != named.excluded.document
                )
            )
            if code:
                _put(connection, codes, project_id=project_id, code_hash=kept.code_hash, code=zlib.compress(code))
        return kept

    def publish(self, publication: Publication, *, base: str) -> Publication | None:
        """Make the kept layer current; None where it already is. Raises UserError DM8007 where `base` is not current any more."""
        project_id = publication.project_id
        with self._database.transaction() as connection:
            advisory_lock(connection, "publish", project_id)
            held = _current(connection, project_id)
            if held is not None and held.document_hash == publication.document_hash:
                return None
            if (held.document_hash if held is not None else "") != base:
                raise problems.overtaken()
            numbered = replace(publication, number=held.number + 1 if held is not None else 1)
            connection.execute(sa.insert(publications).values(**to_row(numbered)))
            _settle(connection, numbered)
            return numbered

    def current(self, project_id: str) -> Publication | None:
        """The newest publication of the project."""
        with self._database.transaction() as connection:
            return _current(connection, project_id)

    def page(self, project_id: str, before: int, limit: int) -> Sequence[Publication]:
        """At most `limit` publications, newest first, with numbers below `before` (0: from the newest on)."""
        statement = sa.select(*columns(publications, Publication)).where(publications.c.project_id == project_id)
        if before:
            statement = statement.where(publications.c.number < sa.literal(before, sa.BigInteger))  # whatever number a cursor names
        with self._database.transaction() as connection:
            rows = connection.execute(statement.order_by(publications.c.number.desc()).limit(limit))
            return [to_record(row, Publication) for row in rows]

    def load(self, document_hash: str) -> Layer | None:
        """The layer of that hash. Raises InternalError DM8014 where the stored bytes are not what was kept, or this version cannot read them."""
        statement = sa.select(documents.c.document).where(documents.c.document_hash == document_hash).limit(1)
        document = self._scalar(statement)
        if document is None:
            return None
        if _hash(document) != document_hash:
            raise problems.damaged("the stored layer")
        try:
            return Layer.from_json(document)
        except msgspec.DecodeError as cause:  # a ValidationError is one too
            raise problems.damaged("the stored layer") from cause

    def code(self, project_id: str, code_hash: str) -> bytes | None:
        """The code of that hash, or None."""
        return self._unpacked(sa.select(codes.c.code).where(codes.c.project_id == project_id, codes.c.code_hash == code_hash))

    def keep_report(self, project_id: str, old: str, new: str, report: bytes) -> None:
        """Keep what differs between two documents."""
        with self._database.transaction() as connection:
            _put(connection, reports, project_id=project_id, old_hash=old, new_hash=new, report=zlib.compress(report))

    def report(self, project_id: str, old: str, new: str) -> bytes | None:
        """What differs between them, or None."""
        found = (reports.c.project_id == project_id, reports.c.old_hash == old, reports.c.new_hash == new)
        return self._unpacked(sa.select(reports.c.report).where(*found))

    def forget(self, project_id: str) -> None:
        """Drop the layers that were never published and can't be any more, with what they changed, and the code of all but the last versions and these candidates."""
        approvable = (candidates.c.project_id == project_id, candidates.c.state.in_([CandidateState.OPEN, CandidateState.REJECTED]))
        versions = sa.select(publications).where(publications.c.project_id == project_id)
        last = versions.order_by(publications.c.number.desc()).limit(CODES).subquery()
        needed = versions.with_only_columns(publications.c.document_hash).union(sa.select(candidates.c.document_hash).where(*approvable))
        compared = sa.select(last.c.code_hash).union(sa.select(candidates.c.code_hash).where(*approvable))
        with self._database.transaction() as connection:
            connection.execute(sa.delete(documents).where(documents.c.project_id == project_id, documents.c.document_hash.not_in(needed)))
            connection.execute(sa.delete(reports).where(reports.c.project_id == project_id, reports.c.new_hash.not_in(needed)))
            connection.execute(sa.delete(codes).where(codes.c.project_id == project_id, codes.c.code_hash.not_in(compared)))

    def health(self) -> Health:
        """Whether the store answers; never raises."""
        return self._database.health()

    def _scalar(self, statement: sa.Select[Any]) -> bytes | None:
        with self._database.transaction() as connection:
            return connection.execute(statement).scalars().first()

    def _unpacked(self, statement: sa.Select[Any]) -> bytes | None:
        packed = self._scalar(statement)
        try:
            return zlib.decompress(packed) if packed is not None else None
        except zlib.error as cause:
            raise problems.damaged("what is stored beside a layer") from cause


def _put(connection: sa.Connection, table: sa.Table, **row: str | bytes) -> None:
    """Insert what is named by its content, unless it is there."""
    connection.execute(insert(table).values(**row).on_conflict_do_nothing())


def _current(connection: sa.Connection, project_id: str) -> Publication | None:
    """By number, not by id: publications are serialised per project, the clocks of two machines are not."""
    statement = (
        sa.select(*columns(publications, Publication))
        .where(publications.c.project_id == project_id)
        .order_by(publications.c.number.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return to_record(row, Publication) if row is not None else None


def _settle(connection: sa.Connection, publication: Publication) -> None:
    """The candidate that was published is, and the others were compared with a layer that is not current any more."""
    same = candidates.c.document_hash == publication.document_hash
    connection.execute(
        sa.update(candidates)
        .where(candidates.c.project_id == publication.project_id, candidates.c.state.in_([CandidateState.OPEN, CandidateState.REJECTED]))
        .where(sa.or_(same, candidates.c.state == CandidateState.OPEN))
        .values(
            state=sa.case((same, CandidateState.PUBLISHED), else_=CandidateState.SUPERSEDED),
            decided_at=publication.published_at,
            decided_by=publication.published_by,
            reason=sa.case((same, publication.reason), else_=""),
        )
    )


def _hash(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()
