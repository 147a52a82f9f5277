"""A simulated ZStack management node that speaks the real protocol over real HTTP."""

from sandbox.zstack.faults import Fault
from sandbox.zstack.log import Executed, Received
from sandbox.zstack.node import Node
from sandbox.zstack.settings import Settings
from sandbox.zstack.world import World

__all__ = ["Executed", "Fault", "Node", "Received", "Settings", "World"]
