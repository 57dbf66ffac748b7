"""Builds the status of a code, as the README of the project specifies under "On the wire"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status
from grpc_codetable_proto.v1.codetable_pb2 import DetailType

from grpc_codetable import _wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.any_pb2 import Any
    from google.protobuf.message import Message

    from grpc_codetable._table import Entry


def encode(
    entry: Entry,
    message: str,
    metadata: Mapping[str, str],
    retry_after: int | None,
    details: Iterable[Any],
) -> Status:
    """Returns the status with the details in their order: ErrorInfo is the first."""
    info = ErrorInfo(reason=entry.reason, domain=entry.table.domain, metadata=metadata)
    info.metadata[_wire.CODE] = str(entry.number)
    status = Status(code=entry.grpc_code.value[0], message=message, details=[_wire.pack(info)])
    delay = entry.delay() if retry_after is None else retry_after
    if delay or retry_after is not None:
        status.details.append(_wire.pack(RetryInfo(retry_delay=_wire.duration_of(delay))))
    subject = _subject(entry)
    if subject and all(_wire.name_of(d) != subject.DESCRIPTOR.full_name for d in details):
        status.details.append(_wire.pack(subject))
    status.details.extend(details)
    return status


def _subject(entry: Entry) -> Message | None:
    """Returns the detail that the table names. It holds field names, never values."""
    subject, notes = entry.options.detail.subject, entry.options.notes
    match entry.options.detail.type:
        case DetailType.DETAIL_TYPE_BAD_REQUEST:
            field = BadRequest.FieldViolation(field=subject, description=notes, reason=entry.reason)
            return BadRequest(field_violations=[field])
        case DetailType.DETAIL_TYPE_PRECONDITION_FAILURE:
            condition = PreconditionFailure.Violation(
                type=entry.reason, subject=subject, description=notes
            )
            return PreconditionFailure(violations=[condition])
        case DetailType.DETAIL_TYPE_QUOTA_FAILURE:
            quota = QuotaFailure.Violation(subject=subject, description=notes)
            return QuotaFailure(violations=[quota])
        case DetailType.DETAIL_TYPE_RESOURCE_INFO:
            return ResourceInfo(resource_type=subject, description=notes)
    return None
