"""Reads codes from the Go gateway, over real sockets."""

import asyncio
from datetime import timedelta

import grpc
import pytest
from codetable.v1.codetable_pb2 import CalendarWindow, Fault, RetryAction
from google.rpc.error_details_pb2 import LocalizedMessage
from grpc_status import rpc_status
from jiguang.jverification.v1.response_code_pb2 import ResponseCode
from jiguang.jverification.v1.verification_service_pb2 import VerifyNumberRequest
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from client import TIMEOUT, Reply, calls
from code_reader import Reading, read
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
    reading = read(error)
    assert error.code().name == row["grpc_code"]
    assert reading is not None
    assert reading.code == ResponseCode.Value(f"RESPONSE_CODE_{row['name']}")
    assert (reading.number, reading.reason) == (number, row["name"])
    assert reading.domain == "jverification.jiguang.cn"
    assert reading.metadata["code"] == row["number"]
    assert reading.fault == Fault.Value(f"FAULT_{row['fault']}")
    assert reading.retry.action == RetryAction.Value(f"RETRY_ACTION_{row['retry_action']}")
    after = row["retry_after"]
    if longest := WINDOWS.get(after):
        assert reading.retry.window == CalendarWindow.Value(f"CALENDAR_WINDOW_{after}")
        assert timedelta(0) < reading.retry.delay <= longest
    else:
        assert reading.retry.window == CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED
        assert reading.retry.delay == timedelta(seconds=int(after.removesuffix("s") or 0))


def test_a_number_that_is_not_listed_is_kept(gateway: str) -> None:
    reading = read(fail(gateway, 424242, "zh-CN"))
    assert reading is not None
    assert reading.known
    assert (reading.code, reading.reason) == (424242, "UNRECOGNIZED_CODE")
    assert reading.retry.action == RetryAction.RETRY_ACTION_UNSPECIFIED
    # The server's sentence, and not that of this program's table.
    assert reading.user_message("en") == RESPONSE_CODES[424242].user_messages["zh-CN"]


@pytest.mark.parametrize(("asked", "got"), [("zh-CN", "zh-CN"), ("en-GB, zh;q=0.5", "en")])
def test_the_server_speaks_the_language_of_the_caller(gateway: str, asked: str, got: str) -> None:
    status = rpc_status.from_call(fail(gateway, 9003, asked))  # type: ignore[arg-type]
    assert status is not None
    sentence = LocalizedMessage()
    assert any(detail.Unpack(sentence) for detail in status.details)
    assert sentence.locale == got
    assert sentence.message == RESPONSE_CODES[9003].user_messages[got]


def test_a_status_without_a_code_reads_as_none(gateway: str) -> None:
    with grpc.insecure_channel(gateway) as channel, pytest.raises(grpc.RpcError) as raised:
        # A success is one on its own method alone.
        calls(VerificationServiceStub(channel), "code-9000")["CheckCaptcha"](timeout=TIMEOUT)
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    assert read(raised.value) is None


async def read_asyncio(address: str, token: str) -> Reading | None:
    async with grpc.aio.insecure_channel(address) as channel:
        request = VerifyNumberRequest(phone="13800138000", token=token)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await VerificationServiceStub(channel).VerifyNumber(
                request, timeout=TIMEOUT, metadata=grpc.aio.Metadata(("accept-language", "en"))
            )
    return read(raised.value)


@pytest.mark.parametrize("number", [9003, 9005, 424242])
def test_asyncio_reads_alike(gateway: str, number: int) -> None:
    reading = asyncio.run(read_asyncio(gateway, f"code-{number}"))
    assert reading is not None
    assert reading == read(fail(gateway, number))
