"""Lines, connections, and meetings that stand still"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "connections"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("hearings", sa.Column("suspended_at", IsoTime(), nullable=True))
    op.create_table(
        "line_samples",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("hearing_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=8), nullable=False),
        sa.Column("rtt_ms", sa.Integer(), nullable=False),
        sa.Column("loss_up", sa.Integer(), nullable=False),
        sa.Column("loss_down", sa.Integer(), nullable=False),
        sa.Column("kbit_up", sa.Integer(), nullable=False),
        sa.Column("kbit_down", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hearing_id"], ["hearings.id"], name=op.f("fk_line_samples_hearing_id_hearings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_samples")),
    )
    op.create_index("ix_line_samples_of", "line_samples", ["hearing_id", "person_id", "at"])
    op.create_index(op.f("ix_line_samples_at"), "line_samples", ["at"])
    op.create_table(
        "connection_facts",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hearing_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["hearing_id"], ["hearings.id"], name=op.f("fk_connection_facts_hearing_id_hearings")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_connection_facts")),
    )
    op.create_index("ix_connection_facts_of", "connection_facts", ["hearing_id", "person_id", "number"])
