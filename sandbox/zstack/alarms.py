"""Alarms of ZWatch, and acknowledging what they told (protocol.md 7).

The edition is closed, so only what its SDK names is played: an acknowledgement is a row
of its own, and nothing that can be asked for shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.zstack.api import Api
from sandbox.zstack.errors import invalid_argument, not_found
from sandbox.zstack.records import Ack
from sandbox.zstack.world import now

if TYPE_CHECKING:
    from sandbox.zstack.api import Call, Json

_SOURCES = {"alarm": "alarmUuid", "event": "eventSubscriptionUuid"}


def _check(call: Call) -> None:
    """Refuse what the SDK would: a missing parameter, a wrong kind, an unknown source."""
    kind = _kind(call)
    source = _SOURCES[kind]
    for name in (source, "alertDataUuid", "dataType", "ackPeriodSec"):
        if not call.params.get(name):
            raise invalid_argument(
                zh=f"参数[{name}]不能为空", en=f"field[{name}] cannot be null"
            )
    if call.params["dataType"] != kind:
        raise invalid_argument(
            zh="参数[dataType]无效", en=f"field[dataType] should be {kind}"
        )
    if call.params[source] not in call.node.world.alarms:
        raise not_found(field=source, uuid=call.params[source])


async def acknowledge(call: Call) -> Json:
    """Note who acknowledged, and for how long; the last one counts."""
    data = str(call.params["alertDataUuid"])
    ack = Ack(
        alert_data_uuid=data,
        alert_type=_kind(call),
        ack_period=call.params["ackPeriodSec"],
        resource_uuid=call.params.get("resourceUuid"),
        operator_account_uuid=call.session.account.uuid,
        acked=now(),
    )
    call.node.world.acks.append(ack)
    return {
        "inventory": {
            "alertDataUuid": ack.alert_data_uuid,
            "alertType": ack.alert_type,
            "ackPeriod": ack.ack_period,
            "resourceUuid": ack.resource_uuid,
            "ackDate": ack.acked,
            "resumeAlert": False,
            "operatorAccountUuid": ack.operator_account_uuid,
        }
    }


def _kind(call: Call) -> str:
    return "alarm" if call.api.name == "AckAlarmData" else "event"


ALARMS = tuple(
    Api(
        name=name,
        method="POST",
        path=f"/zwatch/{kind}-histories/acknowledgments",
        run=acknowledge,
        check=_check,
        shares_path=False,
        integers=frozenset({"ackPeriodSec"}),
    )
    for name, kind in (("AckAlarmData", "alarm"), ("AckEventData", "event"))
)
