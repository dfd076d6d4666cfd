"""For which layer it is known what a language model makes of the approved questions."""

from __future__ import annotations

import json

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def upgrade() -> None:
    op.add_column("model_gates", sa.Column("layer_version", sa.Text, nullable=False, server_default=""), schema=SCHEMA)
    # What drafts goes on: it was let in whatever layer was served, so that what is served now counts as the one that it was asked for. Of the others nothing is known.
    op.execute(
        """
        UPDATE feedback.model_gates AS gate
        SET layer_version = coalesce(
            (SELECT left(layer_hash, 12) FROM layer.publications AS one WHERE one.project_id = gate.project_id ORDER BY number DESC LIMIT 1), '')
        WHERE state IN ('passed', 'accepted')
        """
    )
    _mark_accepted()


def _mark_accepted() -> None:
    """An admin let these models in with what they had read otherwise until then. Not by PostgreSQL's own JSON, which holds no NUL."""
    gates, connection = sa.table("model_gates", sa.column("id"), sa.column("state"), sa.column("heard"), schema=SCHEMA), op.get_bind()
    for gate in connection.execute(sa.select(gates.c.id, gates.c.heard).where(gates.c.state == "accepted")).all():
        heard = [{**one, "accepted": one.get("difference") is not None} for one in json.loads(gate.heard)]
        connection.execute(sa.update(gates).where(gates.c.id == gate.id).values(heard=json.dumps(heard, ensure_ascii=False)))


def downgrade() -> None:
    op.drop_column("model_gates", "layer_version", schema=SCHEMA)
