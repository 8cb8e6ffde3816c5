"""The words by which entries are found, also those that were said before"""

import json

import sqlalchemy as sa
from alembic import op

from mediation.record.findable import INDEX, INDEX_POSTGRES, KINDS, row_of

revision = "searching"
down_revision = "caucuses"


def upgrade() -> None:
    table = op.create_table(
        "findable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findable")),
    )
    op.create_index(op.f("ix_findable_channel"), "findable", ["channel"])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in INDEX if sqlite else INDEX_POSTGRES:
        op.execute(statement)
    entries = sa.table("entries", *(sa.column(name) for name in ("id", "channel", "seq", "kind")))
    contents = sa.table("contents", *(sa.column(name) for name in ("entry", "body", "sealed", "withheld")))
    said = (
        sa.select(entries.c.channel, entries.c.seq, entries.c.kind, contents.c.body)
        .join(contents, contents.c.entry == entries.c.id)
        .where(entries.c.kind.in_(KINDS), sa.not_(contents.c.sealed), sa.not_(contents.c.withheld))
    )
    rows = (
        row_of(one.channel, one.seq, one.kind, json.loads(one.body)) for one in op.get_bind().execute(said)
    )
    op.bulk_insert(table, [row for row in rows if row is not None])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE findable_index")
    op.drop_table("findable")
