"""The Python server sends codes as the Go gateway does, and the Go client reads them."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from jiguang.jverification.v1.verification_service_pb2 import (
    VerifyNumberRequest,
    VerifyNumbersRequest,
)
from jiguang.jverification.v1.verification_service_pb2_grpc import VerificationServiceStub

from client import TIMEOUT
from code_error import read
from code_table import RESPONSE_CODES
from conftest import FAILURES, ROWS
from server.code_sender import PUSHBACK, failure
from test_gateway import ask, fail

INSPECT = os.environ["CODETABLE_INSPECT"]
UNLISTED = [424242, -7, 2**31 - 1]


def inspect(address: str, number: int) -> dict[str, str]:
    """Returns what the Go client prints for a code."""
    command = [INSPECT, "-addr", address, "-token", f"code-{number}", "-locale", "zh-CN"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT)
    return {k: v.strip() for k, _, v in (line.partition(":") for line in done.stdout.splitlines())}


@pytest.mark.parametrize("number", FAILURES)
def test_go_reads_each_code(server: str, gateway: str, number: int) -> None:
    said = inspect(server, number)
    entry = RESPONSE_CODES[number]
    assert said["error"].startswith(f"jverification.jiguang.cn {number} {entry.reason}: ")
    assert said["error"].endswith(entry.options.notes)
    assert said["user"] == entry.user_messages["zh-CN"]
    if entry.options.retry.window:  # the time left differs from call to call
        assert said["retry"].startswith("with a fresh token, in ")
    else:
        assert said["retry"] == inspect(gateway, number)["retry"]


@pytest.mark.parametrize("number", UNLISTED)
def test_go_reads_an_unlisted_number(server: str, number: int) -> None:
    said = inspect(server, number)["error"]
    assert said.startswith(f"jverification.jiguang.cn {number} UNRECOGNIZED_CODE: ")


def sent(error: grpc.RpcError) -> list[str]:
    """Returns what was sent, without the parts that differ between calls."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    code_error = read(error)
    assert status is not None
    assert code_error is not None
    parts = [str(status.code), status.message]
    for detail in status.details:
        if detail.Unpack(info := ErrorInfo()):
            for said_by_the_upstream in ("id", "content"):
                info.metadata.pop(said_by_the_upstream, None)
            parts.append(str(info))
        elif detail.Is(RetryInfo.DESCRIPTOR) and code_error.retry.window:
            parts.append("the time left to a calendar window")
        else:
            parts.append(str(detail))
    trailer = [str(item.value) for item in error.trailing_metadata() if item.key == PUSHBACK]
    return parts + trailer


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB;q=0.5, fr, zh;q=0.7", "fr", ""])
@pytest.mark.parametrize("number", FAILURES + UNLISTED)
def test_both_servers_send_the_same(server: str, gateway: str, number: int, locale: str) -> None:
    assert sent(fail(server, number, locale)) == sent(fail(gateway, number, locale))


@pytest.mark.parametrize("row", [row for row in ROWS if row["grpc_code"] == "OK"])
def test_success(server: str, row: dict[str, str]) -> None:
    assert ask(server, int(row["number"])).code == int(row["number"])


def test_a_success_is_never_sent_as_a_failure() -> None:
    with pytest.raises(ValueError, match="VERIFY_CONSISTENT is a success"):
        failure(RESPONSE_CODES, 9000)


def test_the_stream_answers_each_item(server: str) -> None:
    numbers = [9003, 424242, 9000, 1804]
    items = [VerifyNumberRequest(token=f"code-{number}") for number in numbers]
    with grpc.insecure_channel(server) as channel:
        requests = (VerifyNumbersRequest(item=item) for item in items)
        stream = VerificationServiceStub(channel).VerifyNumbers(requests, timeout=TIMEOUT)
        assert [answer.item.code for answer in stream] == numbers


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
def test_wait(number: int, now: datetime, want: timedelta) -> None:
    trailer = dict(failure(RESPONSE_CODES, number, now=now).trailing_metadata)
    status = Status.FromString(trailer["grpc-status-details-bin"])  # type: ignore[arg-type]
    retry = RetryInfo()
    assert status.details[1].Unpack(retry)
    assert retry.retry_delay.ToTimedelta() == want
