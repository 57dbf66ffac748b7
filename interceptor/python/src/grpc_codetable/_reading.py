"""Reads failed calls: grpcio's errors, sync or asyncio.

A reading uses the domain, then metadata["code"], then the reason. Unlisted numbers and
other domains are kept. Details that can't be parsed, or that contradict the status code
of the call, are ignored. Reading never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, RequestInfo

from grpc_codetable import _chain, _text, _wire
from grpc_codetable._error import AioCodeError, AioMaskedError, CodeError, Content, MaskedError
from grpc_codetable._table import UNRECOGNIZED, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from google.rpc.status_pb2 import Status

    from grpc_codetable._table import Table

# The longest reason that AIP-193 allows, in bytes.
MAX_REASON = 63


@dataclass(frozen=True, slots=True)
class Named:
    """The code that an ErrorInfo of a known table names."""

    info: ErrorInfo
    entry: Entry
    numbered: bool  # the number was sent
    failing: bool
    """False if it names a success, which a failed status must not do, or nothing."""
    ambiguous: bool
    """The number and the reason contradict each other, or neither identifies a code."""


def named(table: Table, info: ErrorInfo) -> Named:
    """Finds the code of an ErrorInfo in its table."""
    number, reason = _wire.number_of(info), info.reason
    by_reason = table.by_reason.get(reason)
    if number is not None:
        entry = table.entry(number)
        contradicts = bool(reason) and entry.listed and by_reason is not entry
        return Named(info, entry, True, entry.failed, contradicts)  # noqa: FBT003
    entry = by_reason or table.entry(table.absent)
    failing = entry.failed and (entry.listed or bool(reason))
    ambiguous = by_reason is None or _wire.CODE in info.metadata
    return Named(info, entry, False, failing, ambiguous)  # noqa: FBT003


def known_infos(status: Status, tables: Iterable[Table]) -> Iterator[tuple[int, Named | None]]:
    """Yields the code of each ErrorInfo of the tables, and None for each that can't be read."""
    by_domain = {table.domain: table for table in reversed(list(tables))}
    for index, info in _wire.each(status, ErrorInfo):
        if info is None:
            yield index, None
        elif table := by_domain.get(info.domain):
            yield index, named(table, info)


def first_code(status: Status, tables: Iterable[Table]) -> tuple[int, Named] | None:
    """Returns the first ErrorInfo that names a failing code of the tables."""
    if status.code == grpc.StatusCode.OK.value[0]:
        return None
    for index, code in known_infos(status, tables):
        if code is not None and code.failing:
            return index, code
    return None


def read_status(status: Status, tables: Iterable[Table], rpc: Any = None) -> CodeError | None:
    """Reads a status. Returns None if there is nothing to read, or if it is OK."""
    tables = list(tables)
    if status.code == grpc.StatusCode.OK.value[0]:
        return None
    aio = isinstance(rpc, grpc.aio.AioRpcError)
    code_error = AioCodeError if aio else CodeError
    if found := first_code(status, tables):
        return code_error(_known(status, found[1], rpc))
    if info := _wire.find(status, ErrorInfo):
        # In a domain of the tables the number is a success, which was refused.
        ours = any(table.domain == info.domain for table in tables)
        number = None if ours else _wire.number_of(info)
        return code_error(_foreign(status, info, number, rpc))
    if _wire.has(status, RequestInfo) and not _wire.has(status, ErrorInfo):
        delay = _wire.retry_delay(status)
        masked = Content(message=status.message, retry_after=delay, status=status, rpc=rpc)
        return (AioMaskedError if aio else MaskedError)(masked)
    return None


def _known(status: Status, code: Named, rpc: Any) -> Content:
    reason = code.entry.reason
    if not code.entry.listed:
        reason = _text.cut(code.info.reason, MAX_REASON) or UNRECOGNIZED
    return Content(
        entry=code.entry,
        number=code.entry.number,
        numbered=code.numbered or code.entry.listed,
        reason=reason,
        domain=code.entry.table.domain,
        message=status.message,
        metadata={key: text for key, text in code.info.metadata.items() if key != _wire.CODE},
        retry_after=_wire.retry_delay(status),
        status=status,
        rpc=rpc,
    )


def _foreign(status: Status, info: ErrorInfo, number: int | None, rpc: Any) -> Content:
    return Content(
        number=number,
        reason=info.reason,
        domain=info.domain,
        message=status.message,
        metadata=dict(info.metadata),
        retry_after=_wire.retry_delay(status) or 0,
        status=status,
        rpc=rpc,
    )


def status_of(error: BaseException) -> Status | None:
    """Returns the status of an error of grpcio, or None if it has none that can be used."""
    if not isinstance(error, grpc.RpcError):
        return None
    try:
        rpc: Any = error
        number, message = rpc.code(), rpc.details() or ""
        if not isinstance(number, grpc.StatusCode) or number is grpc.StatusCode.OK:
            return None
        status = _wire.read_status(number, str(message), rpc.trailing_metadata() or ())
        # Without details that contradict the code or can't be read it is a status still.
        return status or _wire.read_status(number, str(message), ())
    except Exception:  # noqa: BLE001 - a foreign class may raise anything
        return None


def read(error: BaseException, tables: Iterable[Table]) -> CodeError | None:
    """Reads one error, without the errors that caused it."""
    if isinstance(error, CodeError):
        known = None
        if error.entry is None:  # the one who read it had other tables
            known = read_status(error.status(), tables, error.rpc)
        return known if known is not None and known.entry is not None else error
    status = status_of(error)
    return None if status is None else read_status(status, tables, error)


def raise_code(error: grpc.RpcError, tables: Iterable[Table]) -> None:
    """Raises the CodeError of an error, if it has one."""
    found: grpc.RpcError | None = read(error, tables)
    if found is not None and found is not error:
        raise found from error


def from_error(error: BaseException, *tables: Table) -> CodeError | None:
    """Returns the CodeError of a failed call, or None if it has none.

    It works without an interceptor, and finds the error also among the causes of
    another: `raise X from error`, and exception groups. None is not a success: the error
    still has a status code and a message.
    """
    for node in _chain.walk(error)[0]:
        if (found := read(node, tables)) is not None:
            return found
    return None
