"""grpcio obeys the pushback of a server if a service config enables its retry."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from environment import RESPONSE_CODES
from grpc_codetable import ClientInterceptor, CodeError, ServerInterceptor, aio
from servers import TIMEOUT, method, serving

POLICY = {
    "maxAttempts": 4,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.01s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "UNAVAILABLE"],
}
RETRIES = json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": POLICY}]})
ENABLED = [("grpc.service_config", RETRIES)]

QPS_LIMIT = ResponseCode.RESPONSE_CODE_QPS_LIMIT  # the same request may be repeated
EXPIRED = ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST  # it may not


def failing(number: int, times: int, calls: list[int]) -> Callable[[Any], None]:
    """Returns a script that fails a few times."""

    def script(_: Any) -> None:
        calls.append(number)
        if len(calls) <= times:
            raise RESPONSE_CODES.error(number, retry_after=timedelta(milliseconds=20))

    return script


def blocking(address: str, options: Any) -> bytes:
    """Calls a server with the blocking API."""
    with grpc.insecure_channel(address, options=options) as plain:
        channel = grpc.intercept_channel(plain, ClientInterceptor(RESPONSE_CODES))
        answer: bytes = method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
        return answer


def asynchronous(address: str, options: Any) -> bytes:
    """Calls a server with the asyncio API."""

    async def call() -> bytes:
        ours = aio.client_interceptors(RESPONSE_CODES)
        async with grpc.aio.insecure_channel(address, options, interceptors=ours) as channel:
            answer: bytes = await method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
            return answer

    return asyncio.run(call())


CLIENTS = pytest.mark.parametrize("call", [blocking, asynchronous])


@CLIENTS
def test_the_same_request_is_repeated(call: Any) -> None:
    calls: list[int] = []
    with serving(failing(QPS_LIMIT, 2, calls), ServerInterceptor(RESPONSE_CODES)) as address:
        assert call(address, ENABLED) == b"ok"
    assert len(calls) == 3


@CLIENTS
def test_another_code_is_never_repeated(call: Any) -> None:
    calls: list[int] = []
    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(failing(EXPIRED, 9, calls), ours) as address, pytest.raises(CodeError):
        call(address, ENABLED)
    assert len(calls) == 1


@CLIENTS
def test_without_a_service_config_nothing_is_repeated(call: Any) -> None:
    calls: list[int] = []
    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(failing(QPS_LIMIT, 9, calls), ours) as address, pytest.raises(CodeError) as raised:
        call(address, [])
    assert len(calls) == 1
    assert raised.value.retry.delay == timedelta(milliseconds=20)


@CLIENTS
def test_without_the_pushback_every_request_is_repeated(call: Any) -> None:
    calls: list[int] = []

    def script(context: Any) -> None:
        calls.append(EXPIRED)
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no retry advice")

    with serving(script) as address, pytest.raises(grpc.RpcError):
        call(address, ENABLED)
    assert len(calls) == 4
