"""Each code, between this library and that of Go, in both directions."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread, Timer
from typing import Any

import grpc
import pytest
from jiguang.jverification.v1 import verification_service_pb2 as pb
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from environment import FAILURES, RESPONSE_CODES, ROOT, ROWS, UNLISTED
from grpc_codetable import (
    CalendarWindow,
    ClientInterceptor,
    CodeError,
    Fault,
    MaskedError,
    RetryAction,
    aio,
    from_error,
)
from verification import TIMEOUT, ask, serving

GATEWAY, INSPECT = os.environ["CODETABLE_GATEWAY"], os.environ["CODETABLE_INSPECT"]
CLIENT = ROOT / "examples/clients/python/client.py"
WINDOWS = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1)}


@contextmanager
def gateway_process(*flags: str) -> Iterator[str]:
    """Runs the Go gateway with a simulated upstream, and returns its address."""
    command = (GATEWAY, "-simulate", "-addr", "127.0.0.1:0", *flags)
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        too_long = Timer(TIMEOUT, process.kill)
        too_long.start()
        found = None
        for line in process.stderr:
            if found := re.search(r'is listening"? address=(\S+)', line):
                break
        too_long.cancel()
        # A thread keeps reading, so that the process never blocks on a full pipe.
        reader = Thread(target=list, args=(process.stderr,))
        reader.start()
        try:
            assert found, "the gateway does not listen"
            yield found[1]
        finally:
            process.terminate()
            reader.join(TIMEOUT)


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    """The address of a gateway that shows the codes of the operator."""
    with gateway_process("-internal") as address:
        yield address


@pytest.fixture(scope="module")
def public() -> Iterator[str]:
    """The address of a gateway at a public boundary."""
    with gateway_process() as address:
        yield address


def blocking(address: str, number: int, locale: str = "en") -> Any:
    """Calls a server with the blocking API."""
    with grpc.insecure_channel(address) as channel:
        return ask(
            grpc.intercept_channel(channel, ClientInterceptor(RESPONSE_CODES)), number, locale
        )


def asynchronous(address: str, number: int, locale: str = "en") -> Any:
    """Calls a server with the asyncio API."""

    async def call() -> Any:
        interceptors = aio.client_interceptors(RESPONSE_CODES)
        async with grpc.aio.insecure_channel(address, interceptors=interceptors) as channel:
            return await ask(channel, number, locale)

    return asyncio.run(call())


CLIENTS = pytest.mark.parametrize("call", [blocking, asynchronous])


def test_the_enum_lists_the_published_codes() -> None:
    assert len(ROWS) == 49
    listed = [(str(entry.number), entry.reason) for entry in RESPONSE_CODES]
    assert listed == [(row["number"], row["name"]) for row in ROWS]


@CLIENTS
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']} {row['name']}")
def test_code_of_the_gateway(gateway: str, call: Any, row: dict[str, str]) -> None:
    number = int(row["number"])
    if row["grpc_code"] == "OK":
        assert call(gateway, number).code == number
        return
    with pytest.raises(CodeError) as raised:
        call(gateway, number)
    error = raised.value
    assert error.code().name == row["grpc_code"]
    assert error.response_code == error.number == number
    assert (error.reason, error.domain) == (row["name"], "jverification.jiguang.cn")
    assert error.metadata["code"] == row["number"]
    assert error.fault == Fault.Value(f"FAULT_{row['fault']}")
    assert error.retry.action == RetryAction.Value(f"RETRY_ACTION_{row['retry_action']}")
    after = row["retry_after"]
    if longest := WINDOWS.get(after):
        assert error.retry.window == CalendarWindow.Value(f"CALENDAR_WINDOW_{after}")
        assert timedelta(0) < error.retry.delay <= longest
    else:
        assert error.retry.window == CalendarWindow.CALENDAR_WINDOW_UNSPECIFIED
        assert error.retry.delay == timedelta(seconds=int(after.removesuffix("s") or 0))


@CLIENTS
@pytest.mark.parametrize("number", UNLISTED)
def test_unlisted_number(gateway: str, call: Any, number: int) -> None:
    with pytest.raises(CodeError) as raised:
        call(gateway, number, "zh-CN")
    error = raised.value
    assert error.response_code == error.number == number
    assert (error.reason, error.fault) == ("UNRECOGNIZED_CODE", Fault.FAULT_UNSPECIFIED)
    assert error.retry.action == RetryAction.RETRY_ACTION_UNSPECIFIED
    # The locale counts, although the server sent a Chinese sentence.
    assert error.user_message("en") == RESPONSE_CODES[number].user_messages["en"]
    assert error.user_message("zh") == RESPONSE_CODES[number].user_messages["zh-CN"]


@pytest.mark.parametrize("number", FAILURES + UNLISTED)
def test_public_gateway(public: str, number: int) -> None:
    entry = RESPONSE_CODES[number]
    with pytest.raises(CodeError) as raised:
        blocking(public, number, "zh-CN")
    error = raised.value
    assert error.masked == isinstance(error, MaskedError) == entry.hidden
    if not entry.hidden:
        assert error.response_code == number
        return
    assert (error.response_code, error.number, error.reason, error.domain) == (None, None, "", "")
    assert error.fault == Fault.FAULT_UNSPECIFIED
    assert error.user_message("en") == RESPONSE_CODES.default_user_messages["zh-CN"]
    assert len(error.request_id) == 26
    same, window = RetryAction.RETRY_ACTION_SAME_REQUEST, RetryAction.RETRY_ACTION_NEXT_WINDOW
    waiting_helps = entry.options.retry.action in {same, window}
    assert error.retry.action == (entry.options.retry.action if waiting_helps else 0)
    assert (error.retry.delay > timedelta(0)) == waiting_helps
    assert error.code().name == ("UNAVAILABLE" if waiting_helps else "INTERNAL")


def test_a_code_of_another_table_is_kept(gateway: str) -> None:
    with pytest.raises(grpc.RpcError) as raised, grpc.insecure_channel(gateway) as channel:
        ask(channel, 9003)
    error = from_error(raised.value)  # without a table
    assert error is not None
    assert (error.response_code, error.number) == (None, 9003)
    assert (error.reason, error.fault) == ("TOKEN_EXPIRED_OR_NOT_EXIST", Fault.FAULT_UNSPECIFIED)


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("locale", ["", "zh-CN", "fr;q=0.9, en-GB;q=0.5, zh;q=0.1"])
def test_go_reads_each_code(*, public: bool, locale: str) -> None:
    with serving(public=public) as address:
        command = [INSPECT, "-addr", address, "-locale", locale, *["-public"][: int(public)]]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 49 + 6


def test_items_of_a_stream() -> None:
    numbers = [9003, 424242, 9000, 1804]
    requests = (
        pb.VerifyNumbersRequest(item=pb.VerifyNumberRequest(token=f"code-{number}"))
        for number in numbers
    )
    with serving() as address, grpc.insecure_channel(address) as plain:
        channel = grpc.intercept_channel(plain, ClientInterceptor(RESPONSE_CODES))
        answers = VerificationServiceStub(channel).VerifyNumbers(requests, timeout=TIMEOUT)
        assert [answer.item.code for answer in answers] == numbers


@pytest.mark.parametrize(
    ("number", "want"),
    [
        (9003, ["have the SDK make another token", "9003 TOKEN_EXPIRED_OR_NOT_EXIST FAULT_"]),
        (9001, ["not verified", "9001 VERIFY_NOT_CONSISTENT", "retry: RETRY_ACTION_NEVER"]),
        (424242, ["not verified", "424242 UNRECOGNIZED_CODE FAULT_UNSPECIFIED 服务暂时不可用"]),
        (9000, ["verified"]),
    ],
)
def test_example(gateway: str, number: int, want: list[str]) -> None:
    said = example(gateway, f"code-{number}")
    assert all(part in said for part in want), said


def test_example_of_a_masked_error(public: str) -> None:
    said = example(public, "code-9016")
    assert re.match(r"masked [A-Z2-7]{26} Retry\(.*\) ", said), said
    assert said.endswith(f" {RESPONSE_CODES.default_user_messages['zh-CN']}\n")


def test_first_example_of_the_readme(gateway: str, capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "interceptor/python/README.md").read_text(encoding="utf-8")
    client, server = re.findall("```python\n(.*?)```", readme, re.DOTALL)
    names: dict[str, Any] = {}
    exec(client.replace("127.0.0.1:8090", gateway), names)  # noqa: S102 - our README
    want = RESPONSE_CODES[9003].user_messages["en"]
    assert capsys.readouterr().out == f"{want}\n"
    exec(server, names)  # noqa: S102 - our README
    with pytest.raises(CodeError) as raised:
        names["verify"](None, None)
    assert raised.value.metadata == {"code": "1804", "id": "7"}


def example(address: str, token: str) -> str:
    """Runs the example, and returns what it prints."""
    command = [sys.executable, str(CLIENT), address, token]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, timeout=TIMEOUT, env=environment
    ).stdout
