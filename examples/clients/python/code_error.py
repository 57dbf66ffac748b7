"""Reads response codes from failed gRPC calls, sync or asyncio.

It trusts the domain, then metadata["code"], then the reason. It never raises:
unlisted numbers and other domains are kept, and malformed details are ignored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, cast

import grpc
from codetable.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import ErrorInfo, LocalizedMessage, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from code_table import RESPONSE_CODES, UNRECOGNIZED, Entry, match_locale, parse_number, span

# The longest reason that AIP-193 allows, in bytes.
_MAX_REASON = 63

M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class Retry:
    """Advice on repeating a call; the unspecified action means: do not repeat it."""

    action: RetryAction.ValueType = RetryAction.RETRY_ACTION_UNSPECIFIED
    delay: timedelta = timedelta(0)
    window: CalendarWindow.ValueType = CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED


@dataclass(frozen=True, slots=True)
class CodeError:
    """What a failed call says, and what the table adds to it.

    `code` is set if the code is one of this table's domain, listed or not. If not,
    the rest is as it was sent, and `number` is that of another table, if there is
    one. An unlisted code has the reason that was sent; without a number it has an
    unlisted one.
    """

    code: ResponseCode.ValueType | None
    number: int | None
    reason: str
    domain: str
    metadata: Mapping[str, str]
    fault: Fault.ValueType = Fault.FAULT_UNSPECIFIED
    retry: Retry = Retry()
    # The messages of the table by locale, and the message that the server sent.
    messages: Mapping[str, str] = field(default_factory=dict)
    default_locale: str = ""
    sent_message: str | None = None

    @property
    def known(self) -> bool:
        """Whether the code is one of this table's domain, listed or not."""
        return self.code is not None

    def user_message(self, locale: str) -> str:
        """Returns the message for the end user; "" if there is none.

        For a code that is newer than this table, it is the server's message.
        """
        if self.sent_message is not None:
            return self.sent_message
        return match_locale(self.messages, locale, self.default_locale)[1]


def read(error: grpc.RpcError) -> CodeError | None:
    """Reads the error of a call. Returns None if it has no ErrorInfo.

    None is not a success: the error still has a status code and a message.
    """
    try:
        # An AioRpcError has the methods of a Call that rpc_status uses.
        status = rpc_status.from_call(cast("grpc.Call", error))
    except (ValueError, DecodeError):  # details that contradict the status
        return None
    return None if status is None else read_status(status)


def read_status(status: Status) -> CodeError | None:
    """Reads a status. Returns None if it has no ErrorInfo or is OK."""
    if status.code == grpc.StatusCode.OK.value[0]:
        return None
    first: ErrorInfo | None = None
    for info in _details(status, ErrorInfo):
        if entry := _entry(info):
            return _known(status, info, entry)
        first = info if first is None else first
    return None if first is None else _unknown(status, first)


def _entry(info: ErrorInfo) -> Entry | None:
    """Returns None for another domain, and for a success, since the call failed."""
    if info.domain != RESPONSE_CODES.domain:
        return None
    number = _sent_number(info)
    if number is None:
        entry = RESPONSE_CODES.named(info.reason) or RESPONSE_CODES[RESPONSE_CODES.absent]
    else:
        entry = RESPONSE_CODES[number]
    return entry if entry.failed else None


def _known(status: Status, info: ErrorInfo, entry: Entry) -> CodeError:
    advice = entry.options.retry
    metadata = {key: value for key, value in info.metadata.items() if key != "code"}
    if entry.listed or _sent_number(info) is not None:
        metadata["code"] = str(entry.number)
    return CodeError(
        code=ResponseCode.ValueType(entry.number),  # an open enum: any number
        number=entry.number,
        reason=entry.reason if entry.listed else _sent_reason(info),
        domain=info.domain,
        metadata=metadata,
        fault=entry.options.fault,
        retry=Retry(advice.action, _sent_delay(status, span(advice.delay)), advice.window),
        messages=entry.user_messages,
        default_locale=RESPONSE_CODES.default_locale,
        sent_message=None if entry.listed else _sent_message(status),
    )


def _unknown(status: Status, info: ErrorInfo) -> CodeError:
    # In this table's own domain the number is a success, which was refused.
    ours = info.domain == RESPONSE_CODES.domain
    return CodeError(
        code=None,
        number=None if ours else _sent_number(info),
        reason=info.reason,
        domain=info.domain,
        metadata=dict(info.metadata),
        retry=Retry(delay=_sent_delay(status, timedelta(0))),
        sent_message=_sent_message(status),
    )


def _sent_number(info: ErrorInfo) -> int | None:
    return parse_number(info.metadata.get("code", ""))


def _sent_reason(info: ErrorInfo) -> str:
    """Returns the reason that a newer table has, cut at a character boundary."""
    return info.reason.encode()[:_MAX_REASON].decode(errors="ignore") or UNRECOGNIZED


def _details(status: Status, kind: type[M]) -> Iterator[M]:
    """Yields the details of one type whose bytes parse."""
    for detail in status.details:
        message = kind()
        try:
            matches = detail.Unpack(message)
        except (ValueError, DecodeError):  # depends on protobuf's implementation
            continue
        if matches:
            yield message


def _sent_delay(status: Status, otherwise: timedelta) -> timedelta:
    sent = next(_details(status, RetryInfo), None)
    return span(sent.retry_delay) if sent is not None else otherwise


def _sent_message(status: Status) -> str | None:
    sent = next(_details(status, LocalizedMessage), None)
    return sent.message if sent is not None else None
