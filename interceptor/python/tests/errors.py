"""Errors of servers, and the translators of an internal and of a public server."""

from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as Detail
from google.rpc.status_pb2 import Status
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from environment import RESPONSE_CODES, FailedCall
from grpc_codetable._translator import Call, Sent, Translator

PUBLIC = Translator((RESPONSE_CODES,), public=True)
INTERNAL = Translator((RESPONSE_CODES,))
CALLER = ResponseCode.RESPONSE_CODE_INVALID_PARAMETERS
OPERATOR = ResponseCode.RESPONSE_CODE_AUTH_FAILED
QPS_LIMIT = ResponseCode.RESPONSE_CODE_QPS_LIMIT  # the operator's, and may be repeated
UPSTREAM_CALL = Call("/tests.Service/unary_unary")


def packed(message: Any) -> Detail:
    """Returns a detail."""
    detail = Detail()
    detail.Pack(message)
    return detail


def received(code: grpc.StatusCode, *details: Any, text: str = "secret") -> FailedCall:
    """Returns the error of a call to another server."""
    status = Status(code=code.value[0], message=text, details=[packed(d) for d in details])
    return FailedCall(code, status.SerializeToString() if details else None, text)


def caused(error: BaseException, *causes: BaseException) -> BaseException:
    """Returns an error with a chain of causes."""
    at = error
    for cause in causes:
        at.__cause__ = cause
        at = cause
    return error


def masked(sent: Sent) -> bool:
    """Returns whether nothing of an error is sent."""
    kinds = [detail.TypeName() for detail in sent.status.details]
    return sent.masked and set(kinds) <= {"google.rpc.RequestInfo", "google.rpc.RetryInfo"}


def own(code: grpc.StatusCode, *details: Any, text: str = "own") -> Status:
    """Returns a status of the handler."""
    return Status(code=code.value[0], message=text, details=[packed(d) for d in details])
