"""The interceptors, for each kind of call, of both APIs of grpcio."""

import asyncio
from collections import namedtuple
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from jiguang.jverification.v1.response_code_pb2 import ResponseCode

from environment import RESPONSE_CODES
from grpc_codetable import CodeError, MaskedError, ServerInterceptor, aio
from servers import (
    KINDS,
    acall,
    aserving,
    call,
    serving,
)

CODE = ResponseCode.RESPONSE_CODE_TOKEN_EXPIRED_OR_NOT_EXIST


def fails(_: Any) -> None:
    """Raises a code."""
    raise RESPONSE_CODES.error(CODE, metadata={"id": "7"}) from RuntimeError("private")


def has_a_bug(_: Any) -> None:
    """Raises an error without a code."""
    message = "private"
    raise RuntimeError(message)


def succeeds(_: Any) -> None:
    """Does nothing."""


async def run(  # noqa: PLR0913
    script: Any,
    server: str,
    client: str,
    kind: str,
    *,
    first: bool = False,
    boundaries: Sequence[bool] = (False,),
) -> Any:
    """Calls a method of a server, which has an interceptor for each boundary."""
    async with AsyncExitStack() as stack:
        if server == "blocking":
            ours = [ServerInterceptor(RESPONSE_CODES, public_boundary=b) for b in boundaries]
            running = serving(script, *ours, first=first)
            address = stack.enter_context(running)
        else:
            aours = [aio.ServerInterceptor(RESPONSE_CODES, public_boundary=b) for b in boundaries]
            running_aio = aserving(script, *aours, first=first, threads=server == "threads")
            address = await stack.enter_async_context(running_aio)
        if client == "asyncio":
            return await acall(address, kind)
        return await asyncio.to_thread(call, address, kind)


PAIRS = pytest.mark.parametrize(
    ("server", "client"),
    [(s, c) for s in ("blocking", "asyncio", "threads") for c in ("blocking", "asyncio")],
)
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


@PAIRS
@EACH_KIND
@pytest.mark.parametrize("first", [False, True])
def test_code(server: str, client: str, kind: str, *, first: bool) -> None:
    with pytest.raises(CodeError) as raised:
        asyncio.run(run(fails, server, client, kind, first=first))
    error = raised.value
    assert error.response_code == error.number == CODE
    assert (error.reason, error.metadata) == (
        "TOKEN_EXPIRED_OR_NOT_EXIST",
        {"code": "9003", "id": "7"},
    )
    assert isinstance(error, grpc.RpcError)
    assert isinstance(error, grpc.aio.AioRpcError) == (client == "asyncio")
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details() == "Token expired or does not exist"
    assert dict(tuple(item) for item in error.trailing_metadata())["grpc-retry-pushback-ms"] == "-1"
    assert error.__cause__ is error.rpc
    assert isinstance(error.rpc, grpc.RpcError)
    assert "private" not in f"{error} {error.rpc}"
    assert not error.masked


@PAIRS
@EACH_KIND
def test_error_without_a_code(
    server: str, client: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(MaskedError) as raised:
        asyncio.run(run(has_a_bug, server, client, kind))
    error = raised.value
    assert error.code() is grpc.StatusCode.INTERNAL
    assert error.details() == "internal error"
    assert error.masked
    assert error.response_code is error.number is None
    assert (error.reason, error.domain) == ("", "")
    # The log leads from the id to the exception.
    [record] = [record for record in caplog.records if record.name == "grpc_codetable"]
    assert len(error.request_id) == 26
    assert error.request_id in record.getMessage()
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "private"


@PAIRS
@EACH_KIND
def test_success(server: str, client: str, kind: str) -> None:
    assert asyncio.run(run(succeeds, server, client, kind)) == [b"ok"]


def aborts(context: Any) -> Any:
    """Ends the call with a status of the handler."""
    context.set_trailing_metadata((("x-own", "1"),))
    return context.abort(grpc.StatusCode.NOT_FOUND, "own")


def aborts_with_metadata(context: Any) -> Any:
    """Ends the call with a status that has trailing metadata."""
    status = namedtuple("status", "code details trailing_metadata")  # noqa: PYI024 - as grpcio's
    return context.abort_with_status(status(grpc.StatusCode.NOT_FOUND, "own", (("x-own", "1"),)))


def sets_a_code(context: Any) -> None:
    """Sets the status with which the call ends."""
    context.set_trailing_metadata((("x-own", "1"),))
    context.set_code(grpc.StatusCode.NOT_FOUND)
    context.set_details("own")


def cleans_up(context: Any) -> None:
    """Raises another exception after the call was ended."""
    try:
        aborts(context)
    finally:
        has_a_bug(context)


SERVERS = pytest.mark.parametrize("server", ["blocking", "asyncio", "threads"])


@SERVERS
@EACH_KIND
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("script", [aborts, aborts_with_metadata, sets_a_code])
def test_status_of_the_handler(server: str, kind: str, script: Any, *, first: bool) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        asyncio.run(run(script, server, "asyncio", kind, first=first))
    got: Any = raised.value
    assert (got.code(), got.details()) == (grpc.StatusCode.NOT_FOUND, "own")
    trailer = sorted(tuple(item) for item in got.trailing_metadata())
    assert trailer == [("grpc-retry-pushback-ms", "-1"), ("x-own", "1")]


@EACH_KIND
def test_an_exception_after_the_end_of_the_call(kind: str) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        asyncio.run(run(cleans_up, "blocking", "blocking", kind))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


@SERVERS
@EACH_KIND
@pytest.mark.parametrize("boundaries", [(True, False), (False, True), (True, True)])
def test_two_interceptors(server: str, kind: str, boundaries: Sequence[bool]) -> None:
    """The outer one hides what the inner one sends, if only the outer one is public."""

    def operator(_: Any) -> None:
        raise RESPONSE_CODES.error(ResponseCode.RESPONSE_CODE_AUTH_FAILED)

    with pytest.raises(MaskedError) as raised:
        asyncio.run(run(operator, server, "asyncio", kind, boundaries=boundaries))
    assert raised.value.code() is grpc.StatusCode.INTERNAL
    with pytest.raises(CodeError) as shown:
        asyncio.run(run(fails, server, "asyncio", kind, boundaries=boundaries))
    assert shown.value.response_code == CODE
    assert shown.value.metadata["id"] == "7"


@EACH_KIND
def test_an_error_without_details_passes_by_identity(kind: str) -> None:
    with serving(lambda context: context.abort(grpc.StatusCode.NOT_FOUND, "none")) as address:
        with pytest.raises(grpc.RpcError) as raised:
            call(address, kind)
        assert not isinstance(raised.value, CodeError)
        assert raised.value.code() is grpc.StatusCode.NOT_FOUND
        with pytest.raises(grpc.aio.AioRpcError) as araised:
            asyncio.run(acall(address, kind))
        assert type(araised.value) is grpc.aio.AioRpcError
