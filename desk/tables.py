"""The tables. Moments are seconds since the epoch by the database's own clock."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

SEALED = {"sealed": True}
"""What `rotate-keys` seals anew."""

command = Table(
    "command",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("person", JSON, nullable=False),
    Column("person_key", String(255), nullable=False, index=True),
    Column("place", Text, nullable=False, info=SEALED),  # holds a response_url
    Column("words", Text, nullable=False),
    Column("operation", String(255), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("step", String(64), nullable=False),
    Column("outcome", String(16), nullable=False, index=True),
    Column("due", Float, index=True),
    Column("claim", String(32)),
    Column("lease", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("question", String(64)),
    Column("account", String(64)),
    Column("job_sealed", Text, info=SEALED),
    Column("job_digest", String(64), index=True),
    Column("sent_at", Float),
    Column("deadline", Float),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("error", JSON(none_as_null=True)),
    Column("memo", JSON, nullable=False),
    Column("resource_uuid", String(64), index=True),
    Column("resource_name", Text),
    Column("parent", String(32), index=True),
    Column("accepted_at", Float, nullable=False, index=True),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("turn", String(64), index=True, unique=True),  # the resource it acts on now
    Column("called_at", Float, index=True),  # when ZStack last called back
    Column("secrets_sealed", Text, info=SEALED),  # wiped when it ends
    Column("cloud", String(64), nullable=False, server_default=""),  # of several
    Column("woken_at", Float),  # when something happened that it may wait for
)

message = Table(
    "message",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("command_id", String(32), nullable=False),
    Column("slot", String(64), nullable=False),
    Column("place", Text, nullable=False, info=SEALED),
    Column("notice", Text, nullable=False, info=SEALED),  # may hold a login link
    Column("version", Integer, nullable=False),
    Column("told", Integer, nullable=False, default=0),
    Column("receipt", JSON(none_as_null=True)),
    Column("due", Float, index=True),
    Column("claim", String(32)),
    Column("lease", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("gave_up", Boolean, nullable=False, default=False),
    Column("created_at", Float, nullable=False),
    Column("is_progress", Boolean, nullable=False, server_default=false()),
    Column("progress_at", Float, index=True),  # when progress was last told
    Column("tried_at", Float),  # when a try to post it began whose end is not known
    UniqueConstraint("command_id", "slot"),
)

offer = Table(
    "offer",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("command_id", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("question", String(64)),
    Column("label", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("person_key", String(255)),
    Column("expires", Float, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("person_key", String(255), primary_key=True),
    Column("sealed", Text, nullable=False, info=SEALED),
    Column("expires", Float, nullable=False),
    Column("keep_until", Float),
    Column("renew_at", Float, index=True),
)

ticket = Table(
    "ticket",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("person", JSON, nullable=False),
    Column("person_name", Text, nullable=False),
    Column("workspace", Text, nullable=False),
    Column("command_id", String(32), nullable=False),
    Column("place", Text, nullable=False, info=SEALED),
    Column("kind", String(16), nullable=False, server_default="login"),
    Column("tries", Integer, nullable=False, default=0),
    Column("expires", Float, nullable=False),
    Column("used_at", Float),
)

vote = Table(
    "vote",
    metadata,
    Column("key", String(255), primary_key=True),  # of the question and the person
    Column("question", String(64), nullable=False, index=True),
    Column("command_id", String(32), nullable=False),
    Column("person", JSON, nullable=False),
    Column("approves", Boolean, nullable=False),
    Column("cast_by", String(32), nullable=False),  # the command that said it
    Column("at", Float, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
)

# What a source tells together, as one card. While it is open, the next telling joins it.
alert_group = Table(
    "alert_group",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("open_key", String(64), index=True, unique=True),
    Column("source", String(32), nullable=False),
    Column("more", Integer, nullable=False, default=0),  # alerts that were left out
    Column("version", Integer, nullable=False, default=0),
    Column("channel", String(64), index=True),  # where its card stands
    Column("carded_at", Float, index=True),  # when its card was first put
    Column("person", JSON(none_as_null=True)),  # who has it in hand
    Column("acted", String(32)),  # the command by which that changed last
    Column("due", Float, index=True),
    Column("claim", String(32)),
    Column("lease", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("opened_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False, index=True),
    Column("closed_at", Float),
)

# Every telling of an alert.
alert = Table(
    "alert",
    metadata,
    Column(
        "number",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("key", String(255), nullable=False, unique=True),
    Column("group_id", String(32), nullable=False, index=True),
    Column("own_key", String(64), nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("recorded_at", Float, nullable=False),
    Column("told", JSON, nullable=False),
)

audit = Table(  # only added to: triggers refuse anything else
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False, index=True),
    Column("entry", Text, nullable=False),  # JSON: holds the hash of the row before
    Column("hash", String(64), nullable=False),  # SHA-256 of the entry
)

Index("command_person_accepted", command.c.person_key, command.c.accepted_at)
