"""When what was said reached each person's device"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "receipts"
down_revision = "exports"


def upgrade() -> None:
    op.create_table(
        "delivery_marks",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_delivery_marks_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", "person_id", "seq", name=op.f("pk_delivery_marks")),
    )


def downgrade() -> None:
    op.drop_table("delivery_marks")
