"""The one stand-in for Slack: Web API, signed deliveries, response_url."""

from sandbox.slack.faults import Fault
from sandbox.slack.sender import Ack, Delivery
from sandbox.slack.slack import Slack
from sandbox.slack.transcript import Edit, Message
from sandbox.slack.workspace import Channel, Person, Workspace

__all__ = [
    "Ack",
    "Channel",
    "Delivery",
    "Edit",
    "Fault",
    "Message",
    "Person",
    "Slack",
    "Workspace",
]
