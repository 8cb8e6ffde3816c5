"""The rules of the house"""

import sqlalchemy as sa
from alembic import op

from mediation.base import JsonText

revision = "house_rules"
down_revision = "recordings"


def upgrade() -> None:
    op.add_column("rooms", sa.Column("house", JsonText(), nullable=True))


def downgrade() -> None:
    op.drop_column("rooms", "house")
