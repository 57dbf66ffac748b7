"""The code table that users make."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, cast

from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from grpc_codetable import _text, _wire
from grpc_codetable._error import CodeError, Content
from grpc_codetable._table import Entry, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from google.protobuf.descriptor import EnumDescriptor
    from google.protobuf.message import Message

# The details that are built from the table and the other arguments.
_BUILT = {ErrorInfo.DESCRIPTOR.full_name, RetryInfo.DESCRIPTOR.full_name}

# AIP-193.
_KEY = re.compile(r"[a-z][a-zA-Z0-9_-]{1,63}")


class Enum(Protocol):
    """A generated enum."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor:  # noqa: N802 - protobuf's name
        """The descriptor."""
        ...


class CodeTable(Table):
    """The codes of an annotated enum, which the table reads from its descriptor.

    RESPONSE_CODES = CodeTable(ResponseCode)

    A table is immutable. Make it once for each enum.
    """

    def __init__(self, enum: Enum | EnumDescriptor) -> None:
        """Takes a generated enum or its descriptor.

        Raises ValueError if the enum has no option (codetable.v1.table).
        """
        super().__init__(cast("EnumDescriptor", getattr(enum, "DESCRIPTOR", enum)))

    def __repr__(self) -> str:
        """Returns the name of the enum."""
        return f"CodeTable({self.name})"

    def __iter__(self) -> Iterator[Entry]:
        """Yields what the table says of each listed code, in number order."""
        return iter(sorted(self.by_number.values(), key=lambda entry: entry.number))

    def __len__(self) -> int:
        """Returns the number of listed codes."""
        return len(self.by_number)

    def __getitem__(self, code: int) -> Entry:
        """Returns what the table says of a code. An unlisted code has an entry too."""
        return self.entry(code)

    def error(
        self,
        code: int,
        *,
        message: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_after: timedelta | None = None,
        details: Iterable[Message] = (),
    ) -> CodeError:
        """Makes the error of a failing code, which a handler raises.

        Everything that is given is sent to the caller: put nothing private into it. A
        cause is not sent: `raise table.error(...) from cause`.

        message replaces the text of the table. It is cut to 1 KiB.
        metadata is added to ErrorInfo.metadata, with keys as AIP-193 allows them.
        retry_after replaces the delay of the table, but never allows a retry.
        details are added, and replace a detail of the same type.

        The code is sent without what is not valid, and a note of the exception says so.
        Raises ValueError for a success, which must not end a failed call.
        """
        entry = self.entry(code)
        if not entry.failed:
            raise ValueError(f"{entry.reason} is a success")  # noqa: EM102, TRY003
        notes: list[str] = []
        content = Content(
            entry=entry,
            number=code,
            numbered=True,
            reason=entry.reason,
            domain=self.domain,
            message=_text.cut_message(_text.clean(message), _text.MAX_MESSAGE) or entry.message,
            metadata=_metadata(metadata or {}, notes),
            retry_after=_delay(retry_after, notes),
            details=tuple(_details(details, notes)),
        )
        error = CodeError(content)
        for note in notes:
            error.add_note(note)
        return error


def _metadata(metadata: Mapping[str, str], notes: list[str]) -> dict[str, str]:
    valid = {}
    for key, value in sorted(metadata.items()):
        if key == _wire.CODE or not _KEY.fullmatch(key):
            notes.append(
                f"metadata key {key!r} is not sent: see AIP-193; {_wire.CODE!r} is reserved"
            )
        else:
            valid[key] = _text.clean(value)
    return valid


def _delay(delay: timedelta | None, notes: list[str]) -> int | None:
    if delay is None:
        return None
    nanoseconds = (delay.days * 86_400 + delay.seconds) * _wire.SECOND + delay.microseconds * 1000
    if nanoseconds < 0:
        notes.append(f"the negative delay {delay} is not sent")
        return None
    return nanoseconds


def _details(details: Iterable[Message], notes: list[str]) -> Iterator[Any]:
    """Yields the last valid detail of each type."""
    packed = [detail if isinstance(detail, Any) else _wire.pack(detail) for detail in details]
    last = {_wire.name_of(detail): detail for detail in packed}
    for detail in packed:
        name = _wire.name_of(detail)
        if name in _BUILT or not name:
            notes.append(f"the detail {detail.type_url!r} is not sent: it is built, or not named")
        elif last[name] is detail:
            yield detail
