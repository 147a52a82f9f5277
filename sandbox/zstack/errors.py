"""What the node refuses with: error codes in JSON, transport faults in text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.zstack.settings import Settings

# English whatever the locale is (protocol.md 4).
DESCRIPTIONS = {
    "SYS.1000": "An internal error happened in system",
    "SYS.1001": "An operation timeout",
    "SYS.1003": "A resource cannot be found",
    "SYS.1006": "An operation failed",
    "SYS.1007": "One or more API argument is invalid",
    "SYS.1010": "Management node is not ready",
    "ID.1000": "Authentication failed",
    "ID.1001": "Session is invalid or expired",
    "ID.1002": "Permission denied",
    "ID.1006": "Too many concurrent sessions",
    "VM.1010": "The VM is not in a state that allows the operation",
    "HOST.1010": "The host is disconnected",
}
_GLOBAL = {"ID": "IDENTITY", "VM": "COMPUTE_VM", "HOST": "COMPUTE_HOST"}
_LONGEST_DETAILS = 4096


class PlainError(Exception):
    """A refusal of the HTTP layer: a status and a line of text (protocol.md 1.4)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class ApiError(Exception):
    """A refusal by the cloud, sent as 503 with an ErrorCode (protocol.md 4)."""

    def __init__(
        self,
        *,
        code: str,
        zh: str,
        en: str,
        cause: ApiError | None = None,
        opaque: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.details = {"zh": zh, "en": en}
        self.cause = cause
        self.opaque = opaque

    def to_json(self, settings: Settings) -> dict[str, Any]:
        """Write the ErrorCode; `details` come in the language of the server."""
        space, _, number = self.code.partition(".")
        cause = self.cause.to_json(settings) if self.cause else None
        causes = [cause] if cause and settings.causes_in_list else []
        return {
            "code": self.code,
            "description": DESCRIPTIONS.get(self.code, "An error happened"),
            "details": self.details[settings.language][:_LONGEST_DETAILS],
            "location": "api-portal",
            "cost": "3ms",
            "cause": None if causes else cause,
            "causes": causes,
            "opaque": self.opaque,
            "globalErrorCode": f"ORG_ZSTACK_{_GLOBAL.get(space, 'CORE')}_1{number}"
            if settings.global_error_codes
            else None,
        }


def not_found(*, field: str, uuid: str) -> ApiError:
    """Say that the resource a field names is missing."""
    return ApiError(
        code="SYS.1003",
        zh=f"无效的参数[{field}], 资源[uuid:{uuid}]不存在",
        en=f"invalid field[{field}], resource[uuid:{uuid}] not found",
    )


def operation_failed(*, zh: str, en: str, cause: ApiError | None = None) -> ApiError:
    """Say that an operation failed, for a reason of its own."""
    return ApiError(code="SYS.1006", zh=zh, en=en, cause=cause)


def invalid_argument(*, zh: str, en: str) -> ApiError:
    """Say that an argument is not one the API takes."""
    return ApiError(code="SYS.1007", zh=zh, en=en)
