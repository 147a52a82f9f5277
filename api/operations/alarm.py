"""Alarms and events of ZWatch, which is part of the premium edition."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.models import AlertDataAck
from api.operation import Operation, Risk, rest

AlertDataUuid = Annotated[
    str,
    Field(
        description="what the alarm or event told: ALARM_DATA_UUID or EVENT_DATA_UUID",
        min_length=1,
        json_schema_extra={"resource": "alert"},
    ),
]
AckPeriod = Annotated[
    int, Field(description="seconds in which it does not tell again", ge=1)
]
AboutUuid = Annotated[
    str | None, Field(description="the resource that it is about", min_length=1)
]


@rest(
    "POST /zwatch/alarm-histories/acknowledgments",
    command="alarm ack",
    risk=Risk.CHANGE,
    repeatable=True,
)
class AckAlarmData(Operation[AlertDataAck]):
    """Acknowledge what an alarm told."""

    alarm_uuid: Annotated[str, Field(description="the alarm", min_length=1)]
    alert_data_uuid: AlertDataUuid
    data_type: Annotated[Literal["alarm"], Field(description="alarm")] = "alarm"
    resource_uuid: AboutUuid = None
    ack_period_sec: AckPeriod = 3600


@rest(
    "POST /zwatch/event-histories/acknowledgments",
    command="event ack",
    risk=Risk.CHANGE,
    repeatable=True,
)
class AckEventData(Operation[AlertDataAck]):
    """Acknowledge an event."""

    event_subscription_uuid: Annotated[
        str, Field(description="the subscription that told it", min_length=1)
    ]
    alert_data_uuid: AlertDataUuid
    data_type: Annotated[Literal["event"], Field(description="event")] = "event"
    resource_uuid: AboutUuid = None
    ack_period_sec: AckPeriod = 3600
