"""What a public boundary hides."""

from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, Help, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status  # type: ignore[import-untyped]

from environment import RESPONSE_CODES, FailedCall
from errors import (
    CALLER,
    INTERNAL,
    OPERATOR,
    PUBLIC,
    QPS_LIMIT,
    UPSTREAM_CALL,
    caused,
    masked,
    own,
    received,
)
from grpc_codetable import CodeError, Event, MaskedError, ServerInterceptor, from_error
from servers import call, serving


def test_an_exception_that_was_only_handled_is_no_cause() -> None:
    def handle() -> None:
        try:
            raise RESPONSE_CODES.error(OPERATOR)
        except CodeError:
            raise RESPONSE_CODES.error(CALLER)  # noqa: B904 - it is not stated as the cause

    with pytest.raises(CodeError) as raised:
        handle()
    assert PUBLIC.translate(raised.value, UPSTREAM_CALL).code_error is raised.value


@pytest.mark.parametrize(
    "error",
    [
        RESPONSE_CODES.error(OPERATOR),
        RESPONSE_CODES.error(424242),
        caused(RuntimeError(), RESPONSE_CODES.error(OPERATOR)),
        caused(RESPONSE_CODES.error(CALLER), RESPONSE_CODES.error(OPERATOR)),
        ExceptionGroup("", [RESPONSE_CODES.error(CALLER), RESPONSE_CODES.error(OPERATOR)]),
        caused(
            RESPONSE_CODES.error(CALLER), received(grpc.StatusCode.NOT_FOUND)
        ),  # of another server
        caused(RESPONSE_CODES.error(CALLER), FailedCall(grpc.StatusCode.NOT_FOUND, b"\xff")),
        received(grpc.StatusCode.NOT_FOUND),
        received(grpc.StatusCode.NOT_FOUND, ErrorInfo(reason="X", domain="example.com")),
        received(
            grpc.StatusCode.ABORTED,
            ErrorInfo(
                reason="QPS_LIMIT", domain=RESPONSE_CODES.domain, metadata={"code": str(CALLER)}
            ),
        ),
    ],
    ids=str,
)
def test_public_boundary_masks(error: BaseException) -> None:
    sent = PUBLIC.translate(error, UPSTREAM_CALL)
    assert masked(sent)
    assert sent.status.message == "internal error"
    assert sent.pushback == "-1"
    # Without the boundary it is sent.
    assert not INTERNAL.translate(error, UPSTREAM_CALL).correlation_id


def test_public_boundary_masks_a_chain_without_an_end() -> None:
    first = caused(RuntimeError(), ValueError())
    assert first.__cause__ is not None
    first.__cause__.__cause__ = first
    sent = PUBLIC.translate(first, UPSTREAM_CALL)
    assert sent.correlation_id
    many: BaseException = RESPONSE_CODES.error(OPERATOR)
    for _ in range(5000):
        many = caused(RuntimeError(), many)
    assert masked(PUBLIC.translate(caused(RESPONSE_CODES.error(CALLER), many), UPSTREAM_CALL))


def test_public_boundary_shows_the_faults_of_others() -> None:
    error = RESPONSE_CODES.error(CALLER)
    assert PUBLIC.translate(error, UPSTREAM_CALL).status == error.status()
    decoded = from_error(
        FailedCall(grpc.StatusCode.INVALID_ARGUMENT, error.status().SerializeToString()),
        RESPONSE_CODES,
    )
    assert decoded is not None
    assert PUBLIC.translate(decoded, UPSTREAM_CALL).status == error.status()


def test_advice_of_a_mask_suits_all_hidden_errors() -> None:
    both = ExceptionGroup("", [RESPONSE_CODES.error(QPS_LIMIT), RESPONSE_CODES.error(OPERATOR)])
    assert PUBLIC.translate(both, UPSTREAM_CALL).status.code == 13
    alone = PUBLIC.translate(
        RESPONSE_CODES.error(QPS_LIMIT, retry_after=timedelta(seconds=1.2)), UPSTREAM_CALL
    )
    assert (alone.status.code, alone.pushback) == (14, "2000")
    long = PUBLIC.translate(
        RESPONSE_CODES.error(QPS_LIMIT, retry_after=timedelta(seconds=60.5)), UPSTREAM_CALL
    )
    assert (long.status.code, long.pushback) == (14, "-1")
    mask = from_error(FailedCall(grpc.StatusCode.UNAVAILABLE, alone.status.SerializeToString()))
    assert isinstance(mask, MaskedError)
    again = PUBLIC.translate(mask, UPSTREAM_CALL)
    assert (again.status.code, again.pushback) == (14, "2000")
    assert again.correlation_id != mask.request_id


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize(
    ("status", "kept"),
    [
        (own(grpc.StatusCode.NOT_FOUND, Help()), True),
        (own(grpc.StatusCode.RESOURCE_EXHAUSTED), True),
        (own(grpc.StatusCode.INTERNAL, Help()), False),
        (own(grpc.StatusCode.UNAVAILABLE, RetryInfo()), False),
        (own(grpc.StatusCode.UNKNOWN), False),
    ],
)
def test_status_of_the_handler(
    status: Status, caplog: pytest.LogCaptureFixture, *, public: bool, kept: bool
) -> None:
    def aborts(context: Any) -> None:
        context.set_trailing_metadata([("x-own", "1")])
        if status.details:
            context.abort_with_status(rpc_status.to_status(status))
        context.abort(rpc_status.to_status(status).code, status.message)

    ours = ServerInterceptor(RESPONSE_CODES, public_boundary=public)
    with serving(aborts, ours) as address, pytest.raises(grpc.RpcError) as raised:
        call(address, "unary_unary")
    got: Any = raised.value
    trailer = dict(got.trailing_metadata())
    assert got.code().value[0] == status.code
    assert trailer["grpc-retry-pushback-ms"] == "-1"
    assert trailer.get("x-own", "1") == "1"
    assert ("own" in caplog.text) == (public and not kept)  # what is hidden is logged
    if kept or not public:
        assert got.details() == "own"
        assert rpc_status.from_call(got) == (status if status.details else None)
        return
    assert "own" not in got.details()
    assert isinstance(got, MaskedError)
    assert got.retry.delay == timedelta(seconds=61 if status.code == 14 else 0)


def test_status_of_the_handler_with_a_code_of_the_table() -> None:
    hidden = RESPONSE_CODES.error(OPERATOR).status()
    assert masked(PUBLIC.translate_own(hidden, UPSTREAM_CALL))
    shown = RESPONSE_CODES.error(QPS_LIMIT).status()
    assert INTERNAL.translate_own(shown, UPSTREAM_CALL).pushback == "1000"


@pytest.mark.parametrize("outer_public", [False, True])
@pytest.mark.parametrize("inner_public", [False, True])
@pytest.mark.parametrize("number", [CALLER, OPERATOR, None])
def test_two_interceptors(number: int | None, *, outer_public: bool, inner_public: bool) -> None:
    seen: list[Event] = []

    def script(_: Any) -> None:
        raise RuntimeError if number is None else RESPONSE_CODES.error(number)

    outer = ServerInterceptor(RESPONSE_CODES, public_boundary=outer_public, observer=seen.append)
    inner = ServerInterceptor(RESPONSE_CODES, public_boundary=inner_public, observer=seen.append)
    with serving(script, outer, inner) as address, pytest.raises(CodeError) as raised:
        call(address, "unary_unary")
    hides = number is None or (number == OPERATOR and (outer_public or inner_public))
    assert raised.value.masked == hides
    if hides:
        assert raised.value.request_id == seen[-1].correlation_id
