"""The calls that grpcio returns keep their methods."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_status import rpc_status  # type: ignore[import-untyped]

from environment import RESPONSE_CODES
from grpc_codetable import CodeError, ServerInterceptor, aio
from servers import (
    TIMEOUT,
    aserving,
    connected,
    method,
    request_of,
    serving,
)
from test_calls import CODE, fails, succeeds


@pytest.mark.parametrize("kind", ["unary_unary", "stream_unary"])
def test_with_call_and_future(kind: str) -> None:
    with (
        serving(succeeds, ServerInterceptor(RESPONSE_CODES)) as address,
        connected(address) as channel,
    ):
        response, ended = method(channel, kind).with_call(request_of(kind), timeout=TIMEOUT)
        assert (response, ended.code()) == (b"ok", grpc.StatusCode.OK)
        future = method(channel, kind).future(request_of(kind), timeout=TIMEOUT)
        assert future.result(TIMEOUT) == b"ok"
        assert future.exception() is None
        assert future.done()
    with (
        serving(fails, ServerInterceptor(RESPONSE_CODES)) as address,
        connected(address) as channel,
    ):
        with pytest.raises(CodeError):
            method(channel, kind).with_call(request_of(kind), timeout=TIMEOUT)
        future = method(channel, kind).future(request_of(kind), timeout=TIMEOUT)
        with pytest.raises(CodeError) as raised:
            future.result(TIMEOUT)
        called: list[Any] = []
        future.add_done_callback(called.append)
        assert called == [future]
        assert future.exception().response_code == CODE
        assert future.code() is raised.value.code()
        assert future.traceback() is not None
        assert not future.cancel()


def test_a_stream_is_an_iterator_and_a_call() -> None:
    ours = ServerInterceptor(RESPONSE_CODES)
    with serving(fails, ours, first=True) as address, connected(address) as channel:
        stream = method(channel, "unary_stream")(b"request", timeout=TIMEOUT)
        assert next(stream) == b"first"
        with pytest.raises(CodeError):
            next(stream)
        assert stream.code() is grpc.StatusCode.FAILED_PRECONDITION
        cancelled = method(channel, "unary_stream")(b"request", timeout=TIMEOUT)
        assert cancelled.cancel()
        with pytest.raises(grpc.RpcError) as raised:
            list(cancelled)
        assert raised.value.code() is grpc.StatusCode.CANCELLED
        assert not isinstance(raised.value, CodeError)


class Outer(grpc.UnaryUnaryClientInterceptor):
    """An interceptor that treats the failed call as a call and as a future."""

    def __init__(self) -> None:
        """Has seen nothing."""
        self.seen: list[Any] = []

    def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Asks what others ask."""
        ended = continuation(client_call_details, request)
        ended.add_done_callback(self.seen.append)
        self.seen += [ended.code(), ended.exception(), ended.done(), ended.cancelled()]
        self.seen += [ended.is_active(), ended.running(), ended.cancel(), ended.time_remaining()]
        self.seen += [ended.add_callback(print), ended.initial_metadata(), ended.traceback()]
        return ended


def test_an_outer_interceptor_sees_a_call() -> None:
    outer = Outer()
    ours = ServerInterceptor(RESPONSE_CODES)
    with (
        serving(fails, ours) as address,
        connected(address, outer) as channel,
        pytest.raises(CodeError) as raised,
    ):
        method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
    error = raised.value
    assert outer.seen[:4] == [error, grpc.StatusCode.FAILED_PRECONDITION, error, True]
    assert outer.seen[4:10] == [False, False, False, False, None, False]
    assert rpc_status.from_call(error) == error.status()


def test_asyncio_call_keeps_its_methods() -> None:
    async def ask() -> None:
        ours = aio.ServerInterceptor(RESPONSE_CODES)
        interceptors = aio.client_interceptors(RESPONSE_CODES)
        async with (
            aserving(fails, ours) as address,
            grpc.aio.insecure_channel(address, interceptors=interceptors) as channel,
        ):
            unary = method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
            assert await unary.code() is grpc.StatusCode.FAILED_PRECONDITION
            assert await unary.details() == "Token expired or does not exist"
            with pytest.raises(CodeError):
                await unary
            writing = method(channel, "stream_unary")(timeout=TIMEOUT)
            await writing.write(b"request")
            await writing.done_writing()
            with pytest.raises(CodeError):
                await writing
            reading = method(channel, "stream_stream")(iter([b"request"]), timeout=TIMEOUT)
            with pytest.raises(CodeError):
                await reading.read()
            assert await reading.code() is grpc.StatusCode.FAILED_PRECONDITION
            cancelled = method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
            assert cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled

    asyncio.run(ask())


class Awaiting(grpc.aio.UnaryUnaryClientInterceptor):
    """An inner interceptor that awaits the response, so its error comes early."""

    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        """Returns the response itself."""
        return await (await continuation(client_call_details, request))


def test_the_error_of_an_inner_asyncio_interceptor_is_read() -> None:
    async def ask() -> None:
        ours = aio.ServerInterceptor(RESPONSE_CODES)
        interceptors = [*aio.client_interceptors(RESPONSE_CODES), Awaiting()]
        async with (
            aserving(fails, ours) as address,
            grpc.aio.insecure_channel(address, interceptors=interceptors) as channel,
        ):
            with pytest.raises(CodeError) as raised:
                await method(channel, "unary_unary")(b"request", timeout=TIMEOUT)
            assert raised.value.response_code == CODE

    asyncio.run(ask())


def test_asyncio_writes_and_reads() -> None:
    async def ask() -> None:
        ours = aio.ServerInterceptor(RESPONSE_CODES)
        interceptors = aio.client_interceptors(RESPONSE_CODES)
        async with (
            aserving(succeeds, ours) as address,
            grpc.aio.insecure_channel(address, interceptors=interceptors) as channel,
        ):
            writing = method(channel, "stream_unary")(timeout=TIMEOUT)
            await writing.write(b"request")
            await writing.done_writing()
            assert await writing == b"ok"
            both = method(channel, "stream_stream")(timeout=TIMEOUT)
            await both.write(b"request")
            await both.done_writing()
            assert await both.read() == b"ok"
            assert await both.read() is grpc.aio.EOF

    asyncio.run(ask())
