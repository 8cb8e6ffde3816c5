"""Who has listened to a voice message, and its second form"""

import sqlalchemy as sa
from alembic import op

from mediation.base import IsoTime

revision = "sending"
down_revision = "talking"


def upgrade() -> None:
    op.create_table(
        "played_marks",
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("at", IsoTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_played_marks_channel_id_channels")
        ),
        sa.PrimaryKeyConstraint("channel_id", "seq", "person_id", name=op.f("pk_played_marks")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sound", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("sound_state", sa.String(length=8), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_column("sound_state")
        batch_op.drop_column("sound")
    op.drop_table("played_marks")
