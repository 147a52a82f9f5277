"""Make the ledger, the outbox, offers, sessions and tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "command",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("person", sa.JSON(), nullable=False),
        sa.Column("person_key", sa.String(length=255), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("operation", sa.String(length=255), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("due", sa.Float(), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=True),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("job_sealed", sa.Text(), nullable=True),
        sa.Column("job_digest", sa.String(length=64), nullable=True),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("deadline", sa.Float(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("memo", sa.JSON(), nullable=False),
        sa.Column("resource_uuid", sa.String(length=64), nullable=True),
        sa.Column("resource_name", sa.Text(), nullable=True),
        sa.Column("parent", sa.String(length=32), nullable=True),
        sa.Column("accepted_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.create_index(
            "command_person_accepted", ["person_key", "accepted_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_command_accepted_at"), ["accepted_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_command_due"), ["due"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_command_job_digest"), ["job_digest"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_command_outcome"), ["outcome"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_command_parent"), ["parent"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_command_person_key"), ["person_key"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_command_resource_uuid"), ["resource_uuid"], unique=False
        )

    op.create_table(
        "fact",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("command_id", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("due", sa.Float(), nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("lease", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("gave_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("command_id", "slot"),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_due"), ["due"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("command_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("person_key", sa.String(length=255), nullable=True),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_offer_command_id"), ["command_id"], unique=False
        )

    op.create_table(
        "session",
        sa.Column("person_key", sa.String(length=255), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("keep_until", sa.Float(), nullable=True),
        sa.Column("renew_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("person_key"),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_session_renew_at"), ["renew_at"], unique=False
        )

    op.create_table(
        "ticket",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.JSON(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("command_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ticket")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_renew_at"))

    op.drop_table("session")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_command_id"))

    op.drop_table("offer")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_due"))

    op.drop_table("message")
    op.drop_table("fact")
    with op.batch_alter_table("command", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_command_resource_uuid"))
        batch_op.drop_index(batch_op.f("ix_command_person_key"))
        batch_op.drop_index(batch_op.f("ix_command_parent"))
        batch_op.drop_index(batch_op.f("ix_command_outcome"))
        batch_op.drop_index(batch_op.f("ix_command_job_digest"))
        batch_op.drop_index(batch_op.f("ix_command_due"))
        batch_op.drop_index(batch_op.f("ix_command_accepted_at"))
        batch_op.drop_index("command_person_accepted")

    op.drop_table("command")
