"""Builds the clouds: that of ZSTACK_URL, and those that the policy file names."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.client import ZStack, connect
from bot.settings import SettingsFault
from desk.clouds import Site
from desk.policy.clouds import DEFAULT, Cloud
from desk.service import Service
from desk.sessions import Sessions

if TYPE_CHECKING:
    import contextlib

    from bot.settings import Settings
    from desk.policy import Policy
    from desk.store import Store
    from desk.vault import Vault


async def build_sites(
    settings: Settings,
    policy: Policy,
    store: Store,
    vault: Vault,
    stack: contextlib.AsyncExitStack,
) -> tuple[Site, ...]:
    """Every cloud, that of ZSTACK_URL first; raises SettingsFault."""
    named = dict(policy.clouds)
    ours = next((name for name, it in named.items() if it.url is None), DEFAULT)
    described = {ours: named.pop(ours, Cloud()), **named}
    keys = settings.service_keys
    stray = keys.keys() - described.keys() - {""}
    if stray:
        message = f"ZSTACK_SERVICE_KEY: there is no cloud {', '.join(sorted(stray))}"
        raise SettingsFault(message)
    sites = []
    for name, it in described.items():
        is_ours = name == ours
        ca_file = it.ca_file or (settings.zstack_ca_file if is_ours else None)
        zone = it.timezone or (settings.zstack_timezone if is_ours else None)
        key = keys.get(name) or (keys.get("", "") if is_ours else "")
        http = await stack.enter_async_context(
            connect(ca_file=str(ca_file) if ca_file else None)
        )
        url = it.url or settings.zstack_url
        cloud = ZStack(url, http=http, zone=ZoneInfo(zone) if zone else None)
        service = Service(cloud, key) if key else None
        # The sessions that were kept while it was the only one stay good.
        held = service.held if service else None
        sessions = Sessions(store, vault, cloud, held, name="" if is_ours else name)
        sites.append(Site(name, cloud, sessions, service, frozenset(it.channels)))
    return tuple(sites)
