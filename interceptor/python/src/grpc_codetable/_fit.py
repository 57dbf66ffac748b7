"""Makes a status fit in the headers in which it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import (
    DebugInfo,
    ErrorInfo,
    Help,
    LocalizedMessage,
    RequestInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status

from grpc_codetable import _text, _wire
from grpc_codetable._reading import MAX_REASON, first_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grpc_codetable._table import Table

DEFAULT_BUDGET = 4 << 10
# It has room for the message, for any ErrorInfo without metadata, and for RetryInfo.
MIN_BUDGET = 1 << 10

_MAX_DOMAIN = 253  # the longest DNS name
_MAX_NUMBER = len("-2147483648")
_MAX_VALUE = 1 << 10

# What stands for a detail without a valid name.
_UNNAMED = "detail"

# The details of google.rpc that matter least to the caller, and the one that matters most.
_RANKS = {
    kind.DESCRIPTOR.full_name: rank
    for kind, rank in (
        (Help, 1),
        (DebugInfo, 1),
        (ErrorInfo, 1),
        (LocalizedMessage, 2),
        (RequestInfo, 4),
    )
}


def fit(status: Status, tables: Iterable[Table], budget: int) -> list[str]:
    """Changes a status so that it fits in a budget of bytes.

    Returns the names of the parts that were removed: full names of details, "message",
    "metadata", or "detail" for a detail without a name. The ErrorInfo with the number of
    the code, and RetryInfo, are never dropped.
    """
    if not status.message:
        status.message = _code_name(status.code)
    if _fits(status, budget):
        return []
    details = [Any(type_url=detail.type_url, value=detail.value) for detail in status.details]
    kept = _KeptInfo(status, tables, details)
    message = _text.cut_message(status.message, budget // 4)
    shed = ["message"] if message != status.message else []
    status.CopyFrom(Status(code=status.code, message=message))
    kept.cut()
    size = status.ByteSize() + sum(map(_size_of, details))
    shed += _drop_details(details, kept.detail, size - budget)
    kept.drop(status.ByteSize() + sum(map(_size_of, details)) - budget)
    status.details.extend(details)
    if kept.was_cut:
        shed.append("metadata")
    return list(dict.fromkeys(shed))


def _code_name(number: int) -> str:
    """Returns the name of a status code as in Go, so that all languages send the same."""
    names = {code.value[0]: code.name for code in grpc.StatusCode}
    name = names.get(number, f"CODE({number})").replace("CANCELLED", "CANCELED")
    return name if name == "OK" else "".join(word.capitalize() for word in name.split("_"))


def _fits(status: Status, budget: int) -> bool:
    """Returns whether the status, and the two headers in which it is sent, fit."""
    size = status.ByteSize()
    header = _text.encoded_size(status.message)
    if status.details:
        header += _base64_size(size)
    return size <= budget and header <= _base64_size(budget) + budget // 4


def _base64_size(size: int) -> int:
    return (size + 2) // 3 * 4


def _drop_details(details: list[Any], carrier: Any | None, over: int) -> list[str]:
    """Drops details until `over` bytes are removed: the least important, from the last.

    It keeps the ErrorInfo of the code, and the first RetryInfo.
    """
    keep = {id(carrier), id(next(filter(_strip_retry, details), None))}
    gone = set()
    shed = []
    details_from_last = details[::-1]
    for detail in sorted(details_from_last, key=_rank):
        if over <= 0:
            break
        if id(detail) not in keep:
            over -= _size_of(detail)
            gone.add(id(detail))
            shed.append(_wire.name_of(detail) or _UNNAMED)
    details[:] = [detail for detail in details if id(detail) not in gone]
    return shed


def _rank(detail: Any) -> int:
    """Orders details by how much they matter to the caller."""
    name = _wire.name_of(detail)
    return _RANKS.get(name, 3 if name.rpartition(".")[0] == "google.rpc" else 0)


def _strip_retry(detail: Any) -> bool:
    """Removes everything but the delay from a RetryInfo. Returns whether it is one."""
    delay = _wire.retry_delay(Status(details=[detail]))
    if delay is None:
        return False
    detail.CopyFrom(_wire.pack(RetryInfo(retry_delay=_wire.duration_of(delay))))
    return True


def _size_of(detail: Any) -> int:
    return _field_size(detail.ByteSize())


def _field_size(size: int) -> int:
    """Returns the size of a field with its tag and its length."""
    return 1 + max(1, (size.bit_length() + 6) // 7) + size


class _KeptInfo:
    """The ErrorInfo that is kept: the one that readers use, or else the first one.

    Its domain and its number are never cut: a part of them would name another code.
    """

    def __init__(self, status: Status, tables: Iterable[Table], details: list[Any]) -> None:
        self.was_cut = False
        self.detail: Any | None = None
        named = first_code(status, tables)
        at, info = (named[0], named[1].info) if named else _first_info(status)
        if info is None or (named is None and _text.size(info.domain) > _MAX_DOMAIN):
            return
        self.detail = details[at]
        self._reason, self._domain = info.reason, info.domain
        self._code = info.metadata.get(_wire.CODE, "")
        self._metadata = {k: v for k, v in sorted(info.metadata.items()) if k != _wire.CODE}
        if len(self._code) > _MAX_NUMBER:
            self._code = ""
        if named is not None and named[1].numbered:
            self._code = str(named[1].entry.number)
        if named is None or named[1].entry.reason != info.reason:
            self._reason = _text.cut(info.reason, MAX_REASON)

    def cut(self) -> None:
        """Shortens long values."""
        if self.detail is not None:
            self._repack({k: _text.cut(v, _MAX_VALUE) for k, v in self._metadata.items()})

    def drop(self, over: int) -> None:
        """Removes entries until `over` bytes are removed, the largest first."""
        if self.detail is None or over <= 0:
            return
        left = dict(self._metadata)
        sizes = {
            key: _field_size(_text.size(key)) + _field_size(_text.size(value))
            for key, value in left.items()
        }
        for key in sorted(sizes, key=lambda key: -sizes[key]):
            if over <= 0:
                break
            over -= _field_size(sizes[key])
            del left[key]
        self._repack(left)

    def _repack(self, metadata: dict[str, str]) -> None:
        self._metadata = metadata
        code = {_wire.CODE: self._code} if self._code else {}
        info = ErrorInfo(reason=self._reason, domain=self._domain, metadata={**metadata, **code})
        if self.detail is not None:
            before = len(self.detail.value)
            self.detail.CopyFrom(_wire.pack(info))
            self.was_cut = self.was_cut or len(self.detail.value) < before


def _first_info(status: Status) -> tuple[int, ErrorInfo | None]:
    """Returns the first ErrorInfo, if it can be read."""
    return next(_wire.each(status, ErrorInfo), (-1, None))
