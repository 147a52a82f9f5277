"""Make the groups of alerts, and what is told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "alert_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("open_key", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("carded_at", sa.Float(), nullable=True),
        sa.Column("person", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("acted", sa.String(length=32), nullable=True),
        sa.Column("due", sa.Float(), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alert_group", schema=None) as batch_op:
        for name in ("key", "channel", "carded_at", "due", "changed_at"):
            batch_op.create_index(batch_op.f(f"ix_alert_group_{name}"), [name])
        batch_op.create_index(
            batch_op.f("ix_alert_group_open_key"), ["open_key"], unique=True
        )
    op.create_table(
        "alert",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("group_id", sa.String(length=32), nullable=False),
        sa.Column("own_key", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("recorded_at", sa.Float(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        for name in ("group_id", "own_key"):
            batch_op.create_index(batch_op.f(f"ix_alert_{name}"), [name])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("alert")
    op.drop_table("alert_group")
