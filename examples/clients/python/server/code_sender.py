"""Sends response codes as the Go interceptors do, so that every client reads them.

The README of the project specifies this under "On the wire".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import grpc
from codetable.v1.codetable_pb2 import CalendarWindow, DetailType, RetryAction
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    LocalizedMessage,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from code_table import CodeTable, Entry, match_locale, span

# gRFC A6. gRPC honours it only in trailers-only responses, such as those of abort.
PUSHBACK = "grpc-retry-pushback-ms"
_MAX_PUSHBACK = 2**31 - 1

# The longest Accept-Language header that is parsed, since clients control it.
_MAX_LOCALES = 1024


@dataclass(frozen=True)
class Failure(grpc.Status):
    """The argument of context.abort_with_status."""

    code: grpc.StatusCode
    details: str
    trailing_metadata: tuple[tuple[str, str | bytes], ...]


def failure(
    table: CodeTable, number: int, accept_language: str = "", now: datetime | None = None
) -> Failure:
    """Returns the status of a failing code, listed or not.

    Raises ValueError for a success, which must not end a failed call.
    """
    entry = table[number]
    if not entry.failed:
        message = f"{entry.reason} is a success"
        raise ValueError(message)
    wait = _wait(table, entry, now or datetime.now(UTC))
    status = Status(code=entry.grpc_code, message=_message(entry))
    for detail in _details(table, entry, wait, accept_language):
        status.details.add().Pack(detail)
    plain = rpc_status.to_status(status)
    trailer = (*plain.trailing_metadata, (PUSHBACK, _pushback(entry, wait)))
    return Failure(plain.code, plain.details, trailer)


def _message(entry: Entry) -> str:
    """Returns the text for developers."""
    if not entry.listed:
        return "the response code is not listed"
    return entry.options.notes or entry.options.description or entry.reason


def _details(table: CodeTable, entry: Entry, wait: timedelta, languages: str) -> Iterator[Message]:
    """Yields the details in the specified order: ErrorInfo is the first."""
    metadata = {"code": str(entry.number)}
    yield ErrorInfo(reason=entry.reason, domain=table.domain, metadata=metadata)
    if wait:
        yield RetryInfo(retry_delay=wait)
    yield from _subject(entry)
    if languages:
        yield from _localized(entry, [*_preferred(languages), table.default_locale])


def _localized(entry: Entry, locales: list[str]) -> Iterator[Message]:
    """Yields the message in the first language that has one."""
    for locale in locales:
        tag, message = match_locale(entry.user_messages, locale)
        if message:
            yield LocalizedMessage(locale=tag, message=message)
            return


def _subject(entry: Entry) -> Iterator[Message]:
    """Yields the detail that the table names. It holds field names, never values."""
    subject, notes = entry.options.detail.subject, entry.options.notes
    match entry.options.detail.type:
        case DetailType.DETAIL_TYPE_BAD_REQUEST:
            field = BadRequest.FieldViolation(field=subject, description=notes, reason=entry.reason)
            yield BadRequest(field_violations=[field])
        case DetailType.DETAIL_TYPE_PRECONDITION_FAILURE:
            condition = PreconditionFailure.Violation(
                type=entry.reason, subject=subject, description=notes
            )
            yield PreconditionFailure(violations=[condition])
        case DetailType.DETAIL_TYPE_QUOTA_FAILURE:
            quota = QuotaFailure.Violation(subject=subject, description=notes)
            yield QuotaFailure(violations=[quota])
        case DetailType.DETAIL_TYPE_RESOURCE_INFO:
            yield ResourceInfo(resource_type=subject, description=notes)


def _wait(table: CodeTable, entry: Entry, now: datetime) -> timedelta:
    """Returns the time to wait; 0 if none is stated."""
    match entry.options.retry.window:
        case CalendarWindow.CALENDAR_WINDOW_HOUR:
            local = now.astimezone(table.zone)
            past = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            return _whole_seconds(timedelta(hours=1) - past)
        case CalendarWindow.CALENDAR_WINDOW_DAY:
            tomorrow = now.astimezone(table.zone).date() + timedelta(days=1)
            midnight = datetime.combine(tomorrow, time.min, table.zone)
            # Within one zone Python subtracts wall-clock times, which ignores clock changes.
            return _whole_seconds(midnight.astimezone(UTC) - now.astimezone(UTC))
        case _:
            return span(entry.options.retry.delay)


def _whole_seconds(left: timedelta) -> timedelta:
    """Rounds up, so that no caller retries too early."""
    return timedelta(seconds=-(-left // timedelta(seconds=1)))


def _pushback(entry: Entry, wait: timedelta) -> str:
    """Returns the delay for gRPC's own retry. "-1" forbids it: the token may be spent."""
    if entry.options.retry.action != RetryAction.RETRY_ACTION_SAME_REQUEST:
        return "-1"
    rounded_up = -(-wait // timedelta(milliseconds=1))
    return str(min(rounded_up, _MAX_PUSHBACK))


def _preferred(accept_language: str) -> list[str]:
    """Returns the languages of an Accept-Language header, the preferred one first."""
    if len(accept_language) > _MAX_LOCALES:
        return []
    weighted: list[tuple[float, str]] = []
    for item in accept_language.split(","):
        tag, _, weight = item.replace(" ", "").partition(";q=")
        try:
            weighted.append((float(weight or 1), tag))
        except ValueError:
            continue
    weighted = [pair for pair in weighted if pair[0] > 0 and pair[1] not in {"", "*"}]
    return [tag for _, tag in sorted(weighted, key=lambda pair: -pair[0])]
