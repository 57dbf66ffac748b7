"""Reads google.rpc.Status and its details. It has no knowledge of tables."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status

from grpc_codetable import _text

DETAILS = "grpc-status-details-bin"
# gRFC A6. gRPC honours it only in responses without headers.
PUSHBACK = "grpc-retry-pushback-ms"

# The key of the number in ErrorInfo.metadata. It is wire contract.
CODE = "code"

SECOND = 10**9  # in nanoseconds, in which this package counts
MILLISECOND = 10**6
_LONGEST = 2**63 - 1
_INT32 = range(-(2**31), 2**31)

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_NUMBER = re.compile(r"(-?)0*([0-9]{1,10})")

M = TypeVar("M", bound=Message)

# grpcio has items of two forms: grpc.aio.Metadata yields pairs.
Metadata = Iterable[tuple[str, str | bytes]]


def number_of(info: ErrorInfo) -> int | None:
    """Returns the number of a code: decimal, of 32 bits, without a plus sign."""
    match = _NUMBER.fullmatch(info.metadata.get(CODE, ""))
    if match is None:
        return None
    number = int("".join(match.groups()))
    return number if number in _INT32 else None


def name_of(detail: Any) -> str:
    """Returns the full name of the message of a detail, or "" if it has no valid one."""
    name = detail.type_url.rpartition("/")[2]
    return name if _NAME.fullmatch(name) else ""


def is_a(detail: Any, kind: type[Message]) -> bool:
    """Returns whether a detail names a type."""
    return detail.type_url.rpartition("/")[2] == kind.DESCRIPTOR.full_name


def has(status: Status, kind: type[Message]) -> bool:
    """Returns whether a status has a detail of a type, readable or not."""
    return any(is_a(detail, kind) for detail in status.details)


def find(status: Status, kind: type[M]) -> M | None:
    """Returns the first readable detail of a type."""
    return next((found for _, found in each(status, kind) if found is not None), None)


def each(status: Status, kind: type[M]) -> Iterator[tuple[int, M | None]]:
    """Yields each detail of a type with its index, and None for one that can't be read."""
    for index, detail in enumerate(status.details):
        if is_a(detail, kind):
            try:
                yield index, kind.FromString(detail.value)
            except (DecodeError, ValueError):  # depends on protobuf's implementation
                yield index, None


def retry_delay(status: Status) -> int | None:
    """Returns the delay of the first RetryInfo in nanoseconds. It is never negative."""
    retry = find(status, RetryInfo)
    return None if retry is None else nanoseconds(retry.retry_delay)


def request_id(status: Status) -> str:
    """Returns the request id of the first RequestInfo, or ""."""
    request = find(status, RequestInfo)
    return "" if request is None else request.request_id


def nanoseconds(duration: Duration) -> int:
    """Returns a duration that is never negative and fits in 64 bits, as in Go."""
    return min(max(duration.seconds * SECOND + duration.nanos, 0), _LONGEST)


def duration_of(delay: int) -> Duration:
    """Returns the duration of nanoseconds."""
    return Duration(seconds=delay // SECOND, nanos=delay % SECOND)


def pack(message: Message) -> Any:
    """Packs a detail."""
    packed = Any()
    packed.Pack(message, deterministic=True)
    return packed


def read_status(code: grpc.StatusCode, message: str, trailer: Metadata) -> Status | None:
    """Returns the status of a failed call, or None if its details contradict it."""
    number = code.value[0]
    raw = next((value for key, value in trailer if key == DETAILS), None)
    if raw is None:
        return Status(code=number, message=_text.clean(message))
    try:
        status = Status.FromString(raw if isinstance(raw, bytes) else raw.encode())
    except (DecodeError, ValueError):
        return None
    return status if status.code == number else None
