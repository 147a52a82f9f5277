"""The ZStack APIs that the bot uses, one class each."""

from api.operations.account import QueryAccount, QueryAccountResourceRef
from api.operations.inventory import QueryHost, QueryImage, QueryVmInstance, QueryZone
from api.operations.iso import (
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    QueryVmCdRom,
)
from api.operations.node import (
    GetPlatformTimeZone,
    GetTaskProgress,
    GetVersion,
    IsReadyToGo,
)
from api.operations.session import (
    LogInByAccount,
    LogInByLdap,
    LogInByUser,
    LogOut,
    ValidateSession,
)

__all__ = [
    "AttachIsoToVmInstance",
    "DetachIsoFromVmInstance",
    "GetPlatformTimeZone",
    "GetTaskProgress",
    "GetVersion",
    "IsReadyToGo",
    "LogInByAccount",
    "LogInByLdap",
    "LogInByUser",
    "LogOut",
    "QueryAccount",
    "QueryAccountResourceRef",
    "QueryHost",
    "QueryImage",
    "QueryVmCdRom",
    "QueryVmInstance",
    "QueryZone",
    "ValidateSession",
]
