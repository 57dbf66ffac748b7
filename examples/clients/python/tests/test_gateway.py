"""Reads codes from the Go gateway, over real sockets."""

import asyncio
from datetime import timedelta

import grpc
import pytest
from codetable.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction
from google.rpc.error_details_pb2 import LocalizedMessage
from grpc_status import rpc_status
from jiguang.jverification.v1.gateway_code_pb2 import GatewayCode
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2 import VerifyNumberRequest
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from client import TIMEOUT, Reply, calls
from code_error import CodeError, read
from code_table import RESPONSE_CODES
from conftest import ROWS, method_of

WINDOWS = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1)}


def ask(address: str, number: int, locale: str = "en") -> Reply:
    """Makes a server answer with a code, by the method that the code belongs to."""
    with grpc.insecure_channel(address) as channel:
        call = calls(VerificationServiceStub(channel), f"code-{number}")[method_of(number)]
        return call(timeout=TIMEOUT, metadata=[("accept-language", locale)])


def fail(address: str, number: int, locale: str = "en") -> grpc.RpcError:
    """Returns the error of a failing code."""
    with pytest.raises(grpc.RpcError) as raised:
        ask(address, number, locale)
    return raised.value


def test_the_enum_lists_the_published_codes() -> None:
    assert len(ROWS) == 49
    listed = [(str(entry.number), entry.reason) for entry in RESPONSE_CODES]
    assert listed == [(row["number"], row["name"]) for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']} {row['name']}")
def test_code(gateway: str, row: dict[str, str]) -> None:
    number = int(row["number"])
    if row["grpc_code"] == "OK":
        reply = ask(gateway, number)
        assert reply.HasField("code")
        assert reply.code == number
        return
    error = fail(gateway, number)
    code_error = read(error)
    assert error.code().name == row["grpc_code"]
    assert code_error is not None
    assert code_error.code == ResponseCode.Value(f"RESPONSE_CODE_{row['name']}")
    assert (code_error.number, code_error.reason) == (number, row["name"])
    assert code_error.domain == "jverification.jiguang.cn"
    assert code_error.metadata["code"] == row["number"]
    assert code_error.fault == Fault.Value(f"FAULT_{row['fault']}")
    assert code_error.retry.action == RetryAction.Value(f"RETRY_ACTION_{row['retry_action']}")
    after = row["retry_after"]
    if longest := WINDOWS.get(after):
        assert code_error.retry.window == CalendarWindow.Value(f"CALENDAR_WINDOW_{after}")
        assert timedelta(0) < code_error.retry.delay <= longest
    else:
        assert code_error.retry.window == CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED
        assert code_error.retry.delay == timedelta(seconds=int(after.removesuffix("s") or 0))


def test_an_unlisted_number_is_kept(gateway: str) -> None:
    code_error = read(fail(gateway, 424242, "zh-CN"))
    assert code_error is not None
    assert code_error.known
    assert (code_error.code, code_error.reason) == (424242, "UNRECOGNIZED_CODE")
    assert code_error.retry.action == RetryAction.RETRY_ACTION_UNSPECIFIED
    # The message is the server's, not that of this program's table.
    assert code_error.user_message("en") == RESPONSE_CODES[424242].user_messages["zh-CN"]


@pytest.mark.parametrize(("asked", "got"), [("zh-CN", "zh-CN"), ("en-GB, zh;q=0.5", "en")])
def test_the_message_is_in_the_language_of_the_caller(gateway: str, asked: str, got: str) -> None:
    status = rpc_status.from_call(fail(gateway, 9003, asked))  # type: ignore[arg-type]
    assert status is not None
    sent = LocalizedMessage()
    assert any(detail.Unpack(sent) for detail in status.details)
    assert sent.locale == got
    assert sent.message == RESPONSE_CODES[9003].user_messages[got]


def test_a_code_of_another_table_is_kept(gateway: str) -> None:
    with grpc.insecure_channel(gateway) as channel, pytest.raises(grpc.RpcError) as raised:
        # The gateway refuses the success code of another method with a code of its own.
        calls(VerificationServiceStub(channel), "code-9000")["CheckCaptcha"](timeout=TIMEOUT)
    code_error = read(raised.value)
    assert code_error is not None
    assert (code_error.known, code_error.code) == (False, None)
    assert code_error.number == GatewayCode.GATEWAY_CODE_UPSTREAM_UNINTELLIGIBLE
    assert code_error.reason == "UPSTREAM_UNINTELLIGIBLE"


def test_a_status_without_a_code_reads_as_none(gateway: str) -> None:
    with grpc.insecure_channel(gateway) as channel:
        unknown: grpc.UnaryUnaryMultiCallable[bytes, bytes]
        unknown = channel.unary_unary("/unknown.Service/Unknown")
        with pytest.raises(grpc.RpcError) as raised:
            unknown(b"", timeout=TIMEOUT)
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert read(raised.value) is None


async def read_asyncio(address: str, token: str) -> CodeError | None:
    async with grpc.aio.insecure_channel(address) as channel:
        request = VerifyNumberRequest(phone="13800138000", token=token)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await VerificationServiceStub(channel).VerifyNumber(
                request, timeout=TIMEOUT, metadata=grpc.aio.Metadata(("accept-language", "en"))
            )
    return read(raised.value)


@pytest.mark.parametrize("number", [9003, 9005, 424242])
def test_asyncio_reads_the_same(gateway: str, number: int) -> None:
    code_error = asyncio.run(read_asyncio(gateway, f"code-{number}"))
    assert code_error is not None
    assert code_error == read(fail(gateway, number))
