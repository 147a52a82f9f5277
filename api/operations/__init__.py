"""The ZStack APIs that the bot uses, one class each."""

from api.operations.account import QueryAccount, QueryAccountResourceRef
from api.operations.alarm import AckAlarmData, AckEventData
from api.operations.inventory import (
    QueryCluster,
    QueryHost,
    QueryImage,
    QueryVmInstance,
    QueryZone,
)
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
    LogIn,
    LogInByAccount,
    LogInByLdap,
    LogInByUser,
    LogOut,
    ValidateSession,
)
from api.operations.vm import (
    ChangeVmPassword,
    DestroyVmInstance,
    GetVmConsoleAddress,
    GetVmMigrationCandidateHosts,
    MigrateVm,
    PauseVmInstance,
    RebootVmInstance,
    RecoverVmInstance,
    ResumeVmInstance,
    StartVmInstance,
    StopVmInstance,
)

__all__ = [
    "AckAlarmData",
    "AckEventData",
    "AttachIsoToVmInstance",
    "ChangeVmPassword",
    "DestroyVmInstance",
    "DetachIsoFromVmInstance",
    "GetPlatformTimeZone",
    "GetTaskProgress",
    "GetVersion",
    "GetVmConsoleAddress",
    "GetVmMigrationCandidateHosts",
    "IsReadyToGo",
    "LogIn",
    "LogInByAccount",
    "LogInByLdap",
    "LogInByUser",
    "LogOut",
    "MigrateVm",
    "PauseVmInstance",
    "QueryAccount",
    "QueryAccountResourceRef",
    "QueryCluster",
    "QueryHost",
    "QueryImage",
    "QueryVmCdRom",
    "QueryVmInstance",
    "QueryZone",
    "RebootVmInstance",
    "RecoverVmInstance",
    "ResumeVmInstance",
    "StartVmInstance",
    "StopVmInstance",
    "ValidateSession",
]
