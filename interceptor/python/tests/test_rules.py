"""What a server sends of an error."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Detail
from google.rpc.error_details_pb2 import Help, RequestInfo

from environment import RESPONSE_CODES, FailedCall
from errors import (
    CALLER,
    INTERNAL,
    OPERATOR,
    PUBLIC,
    QPS_LIMIT,
    UPSTREAM_CALL,
    caused,
    own,
    received,
)
from grpc_codetable import CodeError, Event, RetryAction, ServerInterceptor, from_error
from grpc_codetable._translator import Sent, Translator
from servers import call, connected, method, serving


def test_the_code_of_a_cause_is_sent() -> None:
    error = caused(RuntimeError("private"), ValueError("private"), RESPONSE_CODES.error(CALLER))
    sent = INTERNAL.translate(error, UPSTREAM_CALL)
    assert sent.status == RESPONSE_CODES.error(CALLER).status()
    assert sent.code_error is not None
    assert sent.code_error.number == CALLER


def test_the_code_of_a_group_is_sent() -> None:
    group = ExceptionGroup("private", [ValueError("private"), RESPONSE_CODES.error(CALLER)])
    assert INTERNAL.translate(group, UPSTREAM_CALL).status.code == 3


def test_decoded_error_is_sent_on_byte_for_byte() -> None:
    status = RESPONSE_CODES.error(CALLER, details=[Help()]).status()
    status.details.append(Detail(type_url="type.googleapis.com/acme.Unlinked", value=b"\xff\x00"))
    raw = status.SerializeToString()

    def script(_: Any) -> None:
        error = from_error(FailedCall(grpc.StatusCode.INVALID_ARGUMENT, raw), RESPONSE_CODES)
        assert error is not None
        raise error

    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(script, ours) as address, pytest.raises(CodeError) as raised:
        call(address, "unary_unary")
    assert dict(raised.value.trailing_metadata())["grpc-status-details-bin"] == raw


@pytest.mark.parametrize("kind", ["unary_unary", "stream_stream"])
def test_code_that_the_handler_sets(kind: str) -> None:
    def sets(context: Any) -> None:
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("none")

    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(sets, ours) as address, pytest.raises(grpc.RpcError) as raised:
        call(address, kind)
    got: Any = raised.value
    assert (got.code(), got.details()) == (grpc.StatusCode.NOT_FOUND, "none")
    assert dict(got.trailing_metadata()) == {"grpc-retry-pushback-ms": "-1"}


def test_error_of_another_server_is_sent_on() -> None:
    help_ = Help()
    error = caused(RuntimeError("private"), received(grpc.StatusCode.NOT_FOUND, help_))
    sent = INTERNAL.translate(error, UPSTREAM_CALL)
    assert sent.status == own(grpc.StatusCode.NOT_FOUND, help_, text="secret")
    assert sent.pushback == "-1"


def test_a_contradiction_is_sent_on_without_its_details() -> None:
    raw = RESPONSE_CODES.error(CALLER).status().SerializeToString()
    sent = INTERNAL.translate(FailedCall(grpc.StatusCode.NOT_FOUND, raw, "none"), UPSTREAM_CALL)
    assert sent.status == own(grpc.StatusCode.NOT_FOUND, text="none")


def test_nothing_replaces_what_an_abort_sends() -> None:
    def aborts(context: Any) -> None:
        try:
            context.abort(grpc.StatusCode.NOT_FOUND, "none")
        finally:
            context.set_trailing_metadata([("x-own", "1")])

    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(aborts, ours) as address, pytest.raises(grpc.RpcError) as raised:
        call(address, "unary_unary")
    got: Any = raised.value
    assert dict(got.trailing_metadata()) == {"grpc-retry-pushback-ms": "-1"}


class Hostile(grpc.RpcError):
    """An error whose methods fail."""

    def code(self) -> grpc.StatusCode:
        """Fails."""
        raise RuntimeError

    def __str__(self) -> str:
        """Fails."""
        raise RuntimeError


class Lying(grpc.RpcError):
    """An error that claims a success."""

    def code(self) -> grpc.StatusCode:
        """Returns a success."""
        return grpc.StatusCode.OK


@pytest.mark.parametrize(
    "error", [Hostile(), Lying(), grpc.RpcError("secret")], ids=lambda error: type(error).__name__
)
@pytest.mark.parametrize("translator", [INTERNAL, PUBLIC])
def test_hostile_errors_are_opaque(error: Exception, translator: Translator) -> None:
    sent = translator.translate(error, UPSTREAM_CALL)
    assert (sent.status.code, sent.status.message) == (13, "internal error")
    assert from_error(error, RESPONSE_CODES) is None


def test_observer() -> None:
    seen: list[Event] = []

    def observe(event: Event) -> None:
        seen.append(event)
        raise RuntimeError

    translator = Translator((RESPONSE_CODES,), public=True, observer=observe)
    error = caused(RuntimeError("private"), RESPONSE_CODES.error(OPERATOR))
    sent = translator.translate(error, UPSTREAM_CALL)
    [event] = seen
    assert event.error is error
    assert event.code_error is error.__cause__
    assert event.correlation_id == sent.correlation_id == request_id(sent)
    assert event.masked
    assert event.method == "/tests.Service/unary_unary"


def request_id(sent: Sent) -> str:
    """Returns the request id of a status."""
    request = RequestInfo()
    assert sent.status.details[0].Unpack(request)
    return request.request_id


def test_ids_are_random() -> None:
    ids = {INTERNAL.translate(RuntimeError(), UPSTREAM_CALL).correlation_id for _ in range(100)}
    assert len(ids) == 100
    assert all(len(base64.b32decode(text + "======")) == 16 for text in ids)


@pytest.mark.parametrize("budget", [0, 1024, 2000, 4096, 9000])
def test_budget(budget: int) -> None:
    translator = Translator((RESPONSE_CODES,), budget=budget)
    metadata = {f"key{n}": "验" * n for n in range(60)}
    error = RESPONSE_CODES.error(QPS_LIMIT, message="m" * 900, metadata=metadata, details=[Help()])
    error.status()
    sent = translator.translate(error, UPSTREAM_CALL)
    assert sent.status.ByteSize() <= max(budget, 1024)
    read = from_error(
        FailedCall(grpc.StatusCode.RESOURCE_EXHAUSTED, sent.status.SerializeToString()),
        RESPONSE_CODES,
    )
    assert read is not None
    assert (read.response_code, read.retry.delay) == (QPS_LIMIT, timedelta(seconds=1))
    assert ("metadata" in sent.shed) == (budget < 9000)


@pytest.mark.parametrize(
    ("number", "now", "want"),
    [
        # The table's zone is eight hours ahead of UTC.
        (6005, datetime(2026, 3, 1, 4, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
        (6005, datetime(2026, 3, 1, 5, tzinfo=UTC), timedelta(hours=1)),
        (6005, datetime(2026, 3, 1, 4, 59, 58, 500_000, tzinfo=UTC), timedelta(seconds=2)),
        (9006, datetime(2026, 3, 1, 15, 30, tzinfo=UTC), timedelta(minutes=30)),
        (9006, datetime(2026, 3, 1, 16, tzinfo=UTC), timedelta(days=1)),
        # China had daylight saving time in 1991: this day had 25 hours.
        (9007, datetime(1991, 9, 14, 15, tzinfo=UTC), timedelta(hours=25)),
        (1804, datetime(2026, 3, 1, tzinfo=UTC), timedelta(seconds=1)),
    ],
)
def test_time_left(number: int, now: datetime, want: timedelta) -> None:
    assert timedelta(microseconds=RESPONSE_CODES[number].delay(now) / 1000) == want


def test_language_of_the_caller() -> None:
    def script(_: Any) -> None:
        raise RESPONSE_CODES.error(CALLER)

    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(script, ours) as address, connected(address) as channel:
        for key in ("accept-language", "grpcgateway-accept-language"):
            with pytest.raises(CodeError) as raised:
                method(channel, "unary_unary")(b"request", metadata=[(key, "fr, zh;q=0.5")])
            want = RESPONSE_CODES[CALLER].user_messages["zh-CN"]
            assert raised.value.user_message() == want
            assert raised.value.user_message("en") != want
    assert raised.value.retry.action == RetryAction.RETRY_ACTION_NEVER
