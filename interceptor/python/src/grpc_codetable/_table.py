"""A code table: what the options of an annotated protobuf enum say of its codes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import grpc
from grpc_codetable_proto.v1 import codetable_pb2
from grpc_codetable_proto.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction

from grpc_codetable import _locale, _text, _wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import EnumDescriptor, EnumValueDescriptor

# The reason of a number that the enum does not list. It is wire contract.
UNRECOGNIZED = "UNRECOGNIZED_CODE"

_VISIBLE = frozenset({Fault.FAULT_CALLER, Fault.FAULT_END_USER, Fault.FAULT_UPSTREAM})

_STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True, slots=True)
class Retry:
    """Advice on repeating a failed call."""

    action: RetryAction.ValueType = RetryAction.RETRY_ACTION_UNSPECIFIED
    """What has to happen first. Unspecified means: do not repeat the call."""
    delay: timedelta = timedelta(0)
    """The least time to wait; 0 if none is stated."""
    window: CalendarWindow.ValueType = CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED
    """The calendar window that has to end first."""


@dataclass(frozen=True)
class Entry:
    """What a table says of one code, listed or not."""

    table: Table = field(repr=False)
    number: int
    reason: str
    """The name of the code, as sent in ErrorInfo.reason."""
    listed: bool
    grpc_code: grpc.StatusCode
    """OK marks a success."""
    options: codetable_pb2.Code = field(repr=False)
    """The option of the value: texts for developers, fault, retry advice and detail."""
    user_messages: Mapping[str, str] = field(repr=False)
    """The sentences for an end user by BCP 47 tag, with those of the table."""

    @property
    def failed(self) -> bool:
        """Whether the code is a failure. A code without a gRPC code is one."""
        return self.grpc_code is not grpc.StatusCode.OK

    @property
    def hidden(self) -> bool:
        """Whether the public must not see the code."""
        return self.options.fault not in _VISIBLE

    @property
    def message(self) -> str:
        """The text for developers. It is never empty."""
        if not self.listed:
            return "the response code is not listed"
        text = self.options.notes or self.options.description or self.reason
        return _text.cut_message(text, _text.MAX_MESSAGE)

    def delay(self, now: datetime | None = None) -> int:
        """Returns the time to wait in nanoseconds; 0 if none is stated."""
        zone, retry = self.table.zone, self.options.retry
        if zone is None or not retry.window:
            return _wire.nanoseconds(retry.delay)
        left = _next_window(retry.window, (now or datetime.now(UTC)).astimezone(zone))
        return -(-left // timedelta(seconds=1)) * _wire.SECOND  # rounded up


def _next_window(window: CalendarWindow.ValueType, now: datetime) -> timedelta:
    """Returns the time until the next window begins."""
    if window == CalendarWindow.CALENDAR_WINDOW_HOUR:
        past = timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond)
        return timedelta(hours=1) - past
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
    # Within one zone Python subtracts wall-clock times, which ignores clock changes.
    return midnight.astimezone(UTC) - now.astimezone(UTC)


class Table:
    """The content of one annotated enum. CodeTable adds what users call."""

    def __init__(self, enum: EnumDescriptor) -> None:
        """Reads the options of the enum. Raises ValueError if it has none."""
        options = enum.GetOptions()
        if not options.HasExtension(codetable_pb2.table):
            message = f"enum {enum.full_name} has no option (codetable.v1.table)"
            raise ValueError(message)
        self._options = options.Extensions[codetable_pb2.table]
        self.name = enum.full_name
        self.domain = self._options.domain or self.name
        self.default_locale = self._options.default_locale
        self.default_user_messages = dict(self._options.default_user_messages)
        self.zone = _zone(self._options.time_zone)
        self.by_number: dict[int, Entry] = {}
        self.by_reason: dict[str, Entry] = {}
        # As for buf lint, words begin at a capital beside a small letter.
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_", enum.name)
        prefix = re.sub("_+", "_", words.strip("_")).upper() + "_"
        for value in enum.values:
            self._add(value, prefix)
        # An unlisted number, for a failure without a number and without a listed reason.
        self.absent = next(n for n in range(-(2**31), 2**31) if n not in self.by_number)

    def _add(self, value: EnumValueDescriptor, prefix: str) -> None:
        code = value.GetOptions().Extensions[codetable_pb2.code]
        reason = code.reason or value.name.removeprefix(prefix) or value.name
        number: int = value.number
        entry = self.by_number.get(number)
        if entry is None:  # if a number has several names, the first is its reason
            sent = _status_code(code.grpc_code if code.HasField("grpc_code") else None)
            own = {tag: text for tag, text in code.user_messages.items() if text}
            messages = {**self.default_user_messages, **own}
            if sent is grpc.StatusCode.OK:  # the sentences describe failures
                messages = {}
            entry = Entry(self, number, reason, True, sent, code, messages)  # noqa: FBT003
            self.by_number[number] = entry
        self.by_reason.setdefault(reason, entry)

    def entry(self, number: int) -> Entry:
        """Returns the entry of any number, listed or not."""
        listed = self.by_number.get(number)
        if listed is not None:
            return listed
        code = _status_code(self._options.unrecognized_grpc_code)
        if code is grpc.StatusCode.OK:
            code = grpc.StatusCode.UNKNOWN
        messages = self.default_user_messages
        return Entry(self, number, UNRECOGNIZED, False, code, codetable_pb2.Code(), messages)  # noqa: FBT003

    def neutral_message(self, locale: str) -> tuple[str, str]:
        """Returns the tag and the text of the sentence that depends on no code."""
        return _locale.match(self.default_user_messages, locale, self.default_locale)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _status_code(number: int | None) -> grpc.StatusCode:
    """Returns UNKNOWN for a code that is unset or unknown to gRPC, never a success."""
    if number is None:
        return grpc.StatusCode.UNKNOWN
    return _STATUS_CODES.get(number, grpc.StatusCode.UNKNOWN)
