"""The words of files behind walls, sealed"""

import sqlalchemy as sa
from alembic import op

revision = "walled_words"
down_revision = "wording"


def upgrade() -> None:
    op.create_table(
        "walled_words",
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "seq", name=op.f("pk_walled_words")),
    )


def downgrade() -> None:
    op.drop_table("walled_words")
