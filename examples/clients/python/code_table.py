"""A code table: what the options of an annotated protobuf enum say of its codes.

All of it comes from the descriptor of the generated enum, so a table of your own
works the same::

    ACME = CodeTable(AcmeCode.DESCRIPTOR)
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from codetable.v1 import codetable_pb2
from codetable.v1.grpc_code_pb2 import GrpcCode
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.duration_pb2 import Duration
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

# The reason of a number that the enum does not list. It is part of the wire contract.
UNRECOGNIZED = "UNRECOGNIZED_CODE"

# The longest google.protobuf.Duration. Its bytes may hold a longer one.
_MAX_SECONDS = 315_576_000_000

_INT32 = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the table says of one number, listed or not."""

    number: int
    reason: str
    listed: bool
    grpc_code: GrpcCode.ValueType
    options: codetable_pb2.Code
    user_messages: Mapping[str, str]

    @property
    def failed(self) -> bool:
        """Whether the code is a failure. A code without a gRPC code is one."""
        return self.grpc_code != GrpcCode.GRPC_CODE_OK


class CodeTable:
    """The codes of one annotated enum."""

    def __init__(self, enum: EnumDescriptor) -> None:
        """Reads the options of the enum. Raises ValueError if it has none."""
        options = enum.GetOptions()
        if not options.HasExtension(codetable_pb2.table):
            message = f"enum {enum.full_name} has no option (codetable.v1.table)"
            raise ValueError(message)
        self._options = options.Extensions[codetable_pb2.table]
        self._by_number: dict[int, Entry] = {}
        self._by_reason: dict[str, Entry] = {}
        # As for buf lint, words begin at a capital beside a small letter.
        prefix = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_", enum.name)
        for value in enum.values:
            code = value.GetOptions().Extensions[codetable_pb2.code]
            reason = code.reason or value.name.removeprefix(f"{prefix.upper()}_")
            # If a number has several names, the first is its reason.
            entry = self._by_number.setdefault(
                value.number, self._entry(value.number, reason, code)
            )
            self._by_reason[reason] = entry
        # An unlisted number, for a failure without a number and without a listed reason.
        self.absent = next(n for n in _INT32 if n not in self._by_number)

    def _entry(self, number: int, reason: str, code: codetable_pb2.Code | None) -> Entry:
        listed = code is not None
        code = code or codetable_pb2.Code()
        if not listed:
            grpc_code = self._options.unrecognized_grpc_code or GrpcCode.GRPC_CODE_UNKNOWN
        elif code.HasField("grpc_code"):
            grpc_code = code.grpc_code
        else:
            grpc_code = GrpcCode.GRPC_CODE_UNKNOWN
        messages = {**self._options.default_user_messages, **code.user_messages}
        return Entry(number, reason, listed, grpc_code, code, messages)

    def __iter__(self) -> Iterator[Entry]:
        """Yields every listed code, in number order."""
        return iter(sorted(self._by_number.values(), key=lambda entry: entry.number))

    def __getitem__(self, number: int) -> Entry:
        """Returns the entry of any number, listed or not."""
        return self._by_number.get(number) or self._entry(number, UNRECOGNIZED, None)

    def named(self, reason: str) -> Entry | None:
        """Returns the entry with the given reason, if the enum lists it."""
        return self._by_reason.get(reason)

    @property
    def domain(self) -> str:
        """The domain of the table, which ErrorInfo.domain carries."""
        return self._options.domain

    @property
    def default_locale(self) -> str:
        """The locale for languages that the table lacks."""
        return self._options.default_locale

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which calendar windows begin and end."""
        return ZoneInfo(self._options.time_zone)


RESPONSE_CODES = CodeTable(ResponseCode.DESCRIPTOR)


def parse_number(text: str) -> int | None:
    """Parses the decimal number of a code. Unlike int(), it accepts ASCII digits only."""
    match = re.fullmatch(r"(-?)0*([0-9]{1,10})", text)
    if match is None:
        return None
    number = int("".join(match.groups()))
    return number if number in _INT32 else None


def span(duration: Duration) -> timedelta:
    """Returns a duration that is never negative and never overflows."""
    seconds = min(duration.seconds, _MAX_SECONDS)
    if seconds < 0:
        return timedelta(0)
    return max(timedelta(seconds=seconds, microseconds=duration.nanos // 1000), timedelta(0))


def match_locale(messages: Mapping[str, str], locale: str, default: str = "") -> tuple[str, str]:
    """Returns the tag and the message of the best match, or empty strings.

    It looks up the tag, then the tag without its last subtags (RFC 4647), then any
    tag of the same language, so that "zh" finds "zh-CN", then the default tag.
    """
    tags = {tag.lower(): tag for tag in messages}
    subtags = locale.lower().split("-")
    for end in range(len(subtags), 0, -1):
        if tag := tags.get("-".join(subtags[:end])):
            return tag, messages[tag]
    for lower, tag in sorted(tags.items()):
        if lower.split("-")[0] == subtags[0]:
            return tag, messages[tag]
    return (default, messages[default]) if default in messages else ("", "")
