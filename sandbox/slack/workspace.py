"""The people and channels of the made-up workspace."""

from __future__ import annotations

from dataclasses import dataclass, field

HOME_TEAM = "T0SANDBOX"
PARTNER_TEAM = "T0PARTNER"
BOT_USER = "U0ZSTACKBOT"
BOT_ID = "B0ZSTACK"
APP_ID = "A0ZSTACK"
SLACKBOT = "USLACKBOT"


@dataclass
class Person:
    """Someone who can type and click; the flags are those of `users.info`."""

    id: str
    name: str
    real_name: str
    team: str = HOME_TEAM
    deleted: bool = False
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    email: str = ""
    tz: str = "Europe/Berlin"


@dataclass
class Channel:
    """A conversation; `with_user` is set for a direct message with the bot."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    shared: bool = False
    with_user: str = ""
    members: set[str] = field(default_factory=set)

    @property
    def shown_name(self) -> str:
        """Its name in payloads, where private channels do not give theirs away."""
        return "privategroup" if self.private and not self.with_user else self.name

    @property
    def bot_is_in(self) -> bool:
        """Whether the bot is a member."""
        return BOT_USER in self.members

    @property
    def bot_sees(self) -> bool:
        """Whether the bot may know that it exists: not a private one it is not in."""
        return self.bot_is_in or not self.private


def _people() -> list[Person]:
    return [
        Person("U0ALICE", "alice", "Alice Chen", is_admin=True),
        Person("U0BOB", "bob", "Bob Weber"),
        Person("U0CAROL", "carol", "Carol Diaz"),
        Person("U0GUEST", "guest", "Gus Guest", is_restricted=True),
        Person(
            "U0ULTRA",
            "ultra",
            "Ulla Single",
            is_restricted=True,
            is_ultra_restricted=True,
        ),
        Person(
            "U0STRANGER", "stranger", "Sam Partner", team=PARTNER_TEAM, is_stranger=True
        ),
        Person("U0GONE", "gone", "Gone Person", deleted=True),
        Person("U0ROBOT", "robot", "Another Bot", is_bot=True),
        Person(BOT_USER, "zstack", "ZStack", is_bot=True),
    ]


def _channels(everyone: set[str]) -> list[Channel]:
    people = everyone - {BOT_USER, "U0STRANGER"}
    return [
        Channel("C0OPS", "ops", members=people | {BOT_USER}),
        Channel("C0RANDOM", "random", members=set(people)),
        Channel("C0SECRET", "secret", private=True, members={"U0ALICE", "U0BOB"}),
        Channel("C0OLD", "old", archived=True, members=people | {BOT_USER}),
        Channel("C0SHARED", "shared", shared=True, members=everyone | {BOT_USER}),
    ]


class Workspace:
    """One team; change `people`, `channels` and `usergroups` as a test needs."""

    def __init__(self) -> None:
        self.team = HOME_TEAM
        self.domain = "sandbox"
        self.people = {person.id: person for person in _people()}
        self.channels = {it.id: it for it in _channels(set(self.people))}
        self.writes_in_public = True  # the scope chat:write.public
        self.reads_channels = True  # the scopes channels:history and groups:history
        self.usergroups = {"S0OPS": ["U0ALICE", "U0BOB"]}

    @property
    def names(self) -> dict[str, str]:
        """What the ids of people and channels are called."""
        people = {it.id: it.name for it in self.people.values()}
        return people | {it.id: it.name for it in self.channels.values()}

    def person(self, name: str) -> Person:
        """Find by id or by name (`alice`, `@alice`)."""
        name = name.removeprefix("@")
        for person in self.people.values():
            if name in {person.id, person.name}:
                return person
        message = f"nobody here is called {name}"
        raise LookupError(message)

    def channel(self, name: str) -> Channel:
        """Find by id or by name (`ops`, `#ops`)."""
        name = name.removeprefix("#")
        for channel in self.channels.values():
            if name in {channel.id, channel.name}:
                return channel
        message = f"no channel is called {name}"
        raise LookupError(message)

    def direct(self, user: str) -> Channel:
        """Return the direct message between the bot and `user`, made when it is missing."""
        channel_id = "D" + user[1:]
        made = Channel(
            channel_id,
            "directmessage",
            private=True,
            with_user=user,
            members={user, BOT_USER},
        )
        return self.channels.setdefault(channel_id, made)
