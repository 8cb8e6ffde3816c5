"""Whether the words of a file can be searched"""

import sqlalchemy as sa
from alembic import op

revision = "wording"
down_revision = "erasing"


def upgrade() -> None:
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text_state", sa.String(length=8), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_column("text_state")
