"""What a server sends of an error, and what a public boundary hides."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Detail
from google.rpc.error_details_pb2 import ErrorInfo, Help, RequestInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status  # type: ignore[import-untyped]
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from environment import RESPONSE_CODES, FailedCall
from grpc_codetable import CodeError, Event, MaskedError, RetryAction, ServerInterceptor, from_error
from grpc_codetable._translator import Call, Sent, Translator
from servers import call, connected, method, serving

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


def test_the_code_of_a_cause_is_sent() -> None:
    error = caused(RuntimeError("private"), ValueError("private"), RESPONSE_CODES.error(CALLER))
    sent = INTERNAL.translate(error, UPSTREAM_CALL)
    assert sent.status == RESPONSE_CODES.error(CALLER).status()
    assert sent.code_error is not None
    assert sent.code_error.number == CALLER


def test_the_code_of_a_group_is_sent() -> None:
    group = ExceptionGroup("private", [ValueError("private"), RESPONSE_CODES.error(CALLER)])
    assert INTERNAL.translate(group, UPSTREAM_CALL).status.code == 3


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


def own(code: grpc.StatusCode, *details: Any, text: str = "own") -> Status:
    """Returns a status of the handler."""
    return Status(code=code.value[0], message=text, details=[packed(d) for d in details])


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
def test_status_of_the_handler(status: Status, *, public: bool, kept: bool) -> None:
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
    if kept or not public:
        assert got.details() == "own"
        assert rpc_status.from_call(got) == (status if status.details else None)
        return
    assert "own" not in got.details()
    assert isinstance(got, MaskedError)
    assert got.retry.delay == timedelta(seconds=61 if status.code == 14 else 0)


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


def test_status_of_the_handler_with_a_code_of_the_table() -> None:
    hidden = RESPONSE_CODES.error(OPERATOR).status()
    assert masked(PUBLIC.translate_own(hidden, UPSTREAM_CALL))
    shown = RESPONSE_CODES.error(QPS_LIMIT).status()
    assert INTERNAL.translate_own(shown, UPSTREAM_CALL).pushback == "1000"


def test_error_of_another_server_is_sent_on() -> None:
    help_ = Help()
    error = caused(RuntimeError("private"), received(grpc.StatusCode.NOT_FOUND, help_))
    sent = INTERNAL.translate(error, UPSTREAM_CALL)
    assert sent.status == own(grpc.StatusCode.NOT_FOUND, help_, text="secret")
    assert sent.pushback == "-1"


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
